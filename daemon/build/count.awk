# Sums up what test runners print, as "passed failed skipped": cargo test, vitest, node --test, and the plain line
# "N passed, N failed, N skipped" that our own runners end with.

# The number before a word: number_before("3 passed; 1 failed", "failed") is 1.
function number_before(line, word,    at, parts, count) {
    at = match(line, "[0-9]+ " word)
    if (!at) return 0
    count = split(substr(line, at, RLENGTH), parts, " ")
    return count ? parts[1] + 0 : 0
}

function add(line, passed_word, failed_word, skipped_word) {
    passed += number_before(line, passed_word)
    failed += number_before(line, failed_word)
    skipped += number_before(line, skipped_word)
}

{ gsub(/\033\[[0-9;]*m/, ""); sub(/\r$/, "") }
/^test result: (ok|FAILED)\. /                                                { add($0, "passed", "failed", "ignored") }
/^ *Tests  +.*\([0-9]+\)$/                                                    { add($0, "passed", "failed", "skipped") }
/^([A-Za-z]+: )?[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/             { add($0, "passed", "failed", "skipped") }
/^(#|ℹ) pass [0-9]+$/                                                         { passed += $3 }
/^(#|ℹ) fail [0-9]+$/                                                         { failed += $3 }
/^(#|ℹ) (skipped|todo|cancelled) [0-9]+$/                                     { skipped += $3 }
END { print passed + 0, failed + 0, skipped + 0 }
