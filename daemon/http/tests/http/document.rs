//! The committed OpenAPI document is the code's.

use std::path::Path;

#[test]
fn the_committed_document_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web-ui/openapi.json");
    let written = serde_json::to_string_pretty(&centrale_http::openapi()).unwrap() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(
        committed == written,
        "web-ui/openapi.json is not what the code says; refresh it with: UPDATE_OPENAPI=1 cargo test -p centrale-http \
         --test http document"
    );
}
