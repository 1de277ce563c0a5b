//! Calls on paper, as the API gives them: exported ones, and what came of comparing them with a provider's bill.

use centrale_ledger::{BilledCall, Comparison, LineRefused, Money, OwnCall, RefusedLine, Zone};
use centrale_store::{CallRow, ChainHead, ChainedCall, LegRow};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::CallQuality;

/// Whose number is not told.
const ANONYMOUS: &str = "anonymous";

/// Exported calls.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "only its schema is used: the calls are written one after the other as they are read")]
pub(crate) struct CallExport {
    /// The time zone of the office, whose times these are.
    time_zone: String,
    /// The end of the chain of records when this was exported. Noted with it, it proves later that nothing was changed since:
    /// `centraled verify-records --head`. Null where numbers are hidden.
    chain: Option<ExportedHead>,
    /// In the order in which they began.
    calls: Vec<ExportedCall>,
}

/// The end of the chain of call records.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportedHead {
    /// The number of the newest record; 0 when there is none.
    sequence: i64,
    /// Its hash, over it and all records before it: 64 hexadecimal digits.
    hash: String,
}

impl From<ChainHead> for ExportedHead {
    fn from(head: ChainHead) -> Self {
        Self { sequence: head.sequence, hash: head.hash.to_string() }
    }
}

/// A call as it is exported. A caller from outside who withheld the number is `anonymous`.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportedCall {
    /// The number of its record, without gaps.
    pub(crate) sequence: u64,
    /// Names it.
    pub(crate) id: String,
    /// `internal`, `incoming` or `outgoing`.
    pub(crate) direction: String,
    /// Who called.
    pub(crate) from: String,
    /// Their name, if known.
    pub(crate) from_name: String,
    /// What was called.
    pub(crate) to: String,
    /// What that number is to the number plan: `mobile`, `premium-per-minute` ...
    pub(crate) class: Option<String>,
    /// Which number picked it up.
    pub(crate) answered_by: Option<String>,
    /// Which number connected it, by a transfer.
    pub(crate) transferred_by: Option<String>,
    /// The connection it went over.
    pub(crate) trunk: Option<String>,
    /// When it began: ISO 8601 with the office's offset at that moment.
    pub(crate) started: String,
    /// When it was answered.
    pub(crate) answered: Option<String>,
    /// When it ended.
    pub(crate) ended: String,
    /// From the answer to the end, started seconds. 0 when it was not answered.
    pub(crate) seconds: u64,
    /// How it ended.
    pub(crate) outcome: String,
    /// Who or what ended it.
    pub(crate) cause: Option<String>,
    /// The SIP status that ended it when it was not answered, else 0.
    pub(crate) status: u16,
    /// Whether it was an emergency call.
    pub(crate) emergency: bool,
    /// Whether the caller asked not to be shown.
    pub(crate) withheld: bool,
    /// Whether it came from outside under a number of the office, which `from` is then: nobody knows who it was.
    pub(crate) spoofed: bool,
    /// What it costs in euro, with a point: `0.0363`.
    pub(crate) price_eur: Option<String>,
    /// The id of the call that it marks as malicious, when it was made for that.
    pub(crate) marks: Option<String>,
    /// What was measured on both sides.
    pub(crate) quality: CallQuality,
    /// Its legs.
    pub(crate) legs: Vec<ExportedLeg>,
    /// The hash of its record.
    pub(crate) hash: String,
}

/// A leg of an exported call.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportedLeg {
    /// `caller` or `callee`: whose quality is this leg's.
    side: String,
    /// The number at its far end.
    pub(crate) number: String,
    /// The account of the phone.
    pub(crate) account: Option<String>,
    /// The connection it went over.
    trunk: Option<String>,
    /// Whether the box called it.
    placed: bool,
    /// What it spoke.
    codec: Option<String>,
    /// When its invitation went out or came.
    started: String,
    /// When it was answered.
    answered: Option<String>,
    /// When it ended.
    ended: String,
    /// The SIP status with which its far end refused it, else 0.
    status: u16,
}

impl ExportedCall {
    /// As it leaves the box.
    pub(crate) fn new(chained: ChainedCall, zone: &Zone) -> Self {
        let ChainedCall { sequence, hash, call: row } = chained;
        let hidden = row.withheld && row.direction == "incoming";
        let leg = |leg: LegRow| {
            let hidden = hidden && leg.side == "caller";
            ExportedLeg {
                number: if hidden { ANONYMOUS.to_owned() } else { leg.number },
                side: leg.side,
                account: leg.account,
                trunk: leg.trunk,
                placed: leg.placed,
                codec: leg.codec,
                started: zone.written(leg.started_unix_ms),
                answered: leg.answered_unix_ms.map(|ms| zone.written(ms)),
                ended: zone.written(leg.ended_unix_ms),
                status: leg.status,
            }
        };
        Self {
            sequence,
            seconds: talked_seconds(&row),
            id: row.id,
            direction: row.direction,
            from: if hidden { ANONYMOUS.to_owned() } else { row.from },
            from_name: if hidden { String::new() } else { row.from_name },
            to: row.to,
            class: row.class,
            answered_by: row.answered_by,
            transferred_by: row.transferred_by,
            trunk: row.trunk,
            started: zone.written(row.started_unix_ms),
            answered: row.answered_unix_ms.map(|ms| zone.written(ms)),
            ended: zone.written(row.ended_unix_ms),
            outcome: row.outcome,
            cause: row.cause,
            status: row.status,
            emergency: row.emergency,
            withheld: row.withheld,
            spoofed: row.spoofed,
            price_eur: row.price.map(|price| Money::from_ten_thousandths(price).to_string()),
            marks: row.marks,
            quality: CallQuality { caller: (&row.caller).into(), callee: (&row.callee).into() },
            legs: row.legs.into_iter().map(leg).collect(),
            hash: hash.to_string(),
        }
    }
}

fn talked_seconds(row: &CallRow) -> u64 {
    row.answered_unix_ms.map_or(0, |answered| row.ended_unix_ms.saturating_sub(answered).div_ceil(1000))
}

/// A provider's bill beside our own calls.
#[derive(Serialize, ToSchema)]
pub(crate) struct BillComparison {
    /// Calls that are the same on both sides.
    matched: usize,
    /// Lines of calls that came in or cost nothing: not compared.
    left_out: usize,
    /// Calls on the bill that the box knows nothing of.
    only_billed: Vec<ComparedBilled>,
    /// Calls of ours that are not on the bill although they began between its first call and its last.
    only_here: Vec<ComparedOwn>,
    /// Calls that both know, with another length or price.
    different: Vec<ComparedPair>,
    /// Lines that cannot be read.
    unread: Vec<UnreadLine>,
    /// The end of the chain of records when this was compared.
    chain: ExportedHead,
}

/// A call on the bill.
#[derive(Serialize, ToSchema)]
pub(crate) struct ComparedBilled {
    /// Its line in the file.
    line: u32,
    /// What was called.
    number: String,
    /// When, in milliseconds since 1970.
    started: u64,
    /// How long.
    seconds: u64,
    /// What it costs, in ten-thousandths of a euro.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    price: Option<u64>,
}

/// A call of ours.
#[derive(Serialize, ToSchema)]
pub(crate) struct ComparedOwn {
    /// Names it.
    id: String,
    /// What was called.
    number: String,
    /// When, in milliseconds since 1970.
    started: u64,
    /// How long, from the answer on.
    seconds: u64,
    /// What it costs, in ten-thousandths of a euro, when we know.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    price: Option<u64>,
}

/// A call that both know and do not agree on.
#[derive(Serialize, ToSchema)]
pub(crate) struct ComparedPair {
    /// As the bill has it.
    billed: ComparedBilled,
    /// As we have it.
    own: ComparedOwn,
    /// Whether the length differs.
    length: bool,
    /// Whether the price differs.
    price: bool,
}

/// A line of the bill that cannot be read.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnreadLine {
    /// Its line in the file.
    line: u32,
    /// What is wrong with it.
    reason: UnreadReason,
}

/// What is wrong with a line of a bill.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum UnreadReason {
    /// It is not whole.
    Torn,
    /// Its number.
    Number,
    /// Its date or time.
    Start,
    /// Its length.
    Length,
    /// Its price.
    Price,
}

impl BillComparison {
    pub(crate) fn new(bill: &centrale_ledger::Bill, own: &[OwnCall], compared: &Comparison, head: ChainHead) -> Self {
        let pair = |different: &centrale_ledger::Different| ComparedPair {
            billed: (&bill.calls[different.billed]).into(),
            own: (&own[different.own]).into(),
            length: different.length,
            price: different.price,
        };
        Self {
            matched: compared.matched,
            left_out: bill.left_out,
            only_billed: compared.only_billed.iter().map(|at| (&bill.calls[*at]).into()).collect(),
            only_here: compared.only_own.iter().map(|at| (&own[*at]).into()).collect(),
            different: compared.different.iter().map(pair).collect(),
            unread: bill.refused.iter().map(UnreadLine::from).collect(),
            chain: head.into(),
        }
    }
}

impl From<&BilledCall> for ComparedBilled {
    fn from(call: &BilledCall) -> Self {
        let price = call.price.map(Money::ten_thousandths);
        Self { line: call.line, number: call.number.clone(), started: call.started, seconds: call.seconds, price }
    }
}

impl From<&OwnCall> for ComparedOwn {
    fn from(call: &OwnCall) -> Self {
        let price = call.price.map(Money::ten_thousandths);
        Self { id: call.id.clone(), number: call.number.clone(), started: call.started, seconds: call.seconds(), price }
    }
}

impl From<&RefusedLine> for UnreadLine {
    fn from(refused: &RefusedLine) -> Self {
        let reason = match refused.reason {
            LineRefused::Torn => UnreadReason::Torn,
            LineRefused::Number(_) => UnreadReason::Number,
            LineRefused::Start => UnreadReason::Start,
            LineRefused::Duration => UnreadReason::Length,
            LineRefused::Price => UnreadReason::Price,
        };
        Self { line: refused.line, reason }
    }
}
