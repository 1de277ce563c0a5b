//! Refusals of the API: RFC 9457 problem details with a stable code.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use centrale_config::ChangeRefused;
use centrale_ledger::deck;
use centrale_store::{AccessRefused, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

/// RFC 9457 3.
pub(crate) const PROBLEM_TYPE: &str = "application/problem+json";

/// Why a request was refused. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: the code says more.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    /// The status in words.
    pub(crate) title: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
    /// Stable word that the page translates.
    pub(crate) code: &'static str,
    /// A sentence for the installer.
    pub(crate) detail: String,
    /// The field of the request that is wrong, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) field: Option<&'static str>,
    /// The lines of a file that are wrong, the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) lines: Option<Vec<LineFault>>,
}

/// What is wrong with a line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LineFault {
    /// Which, from 1.
    pub(crate) line: u32,
    /// Stable word that the page translates.
    pub(crate) code: &'static str,
    /// A sentence with what stands there.
    pub(crate) detail: String,
}

/// A refusal on its way out.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    status: StatusCode,
    code: &'static str,
    detail: String,
    field: Option<&'static str>,
    lines: Option<Vec<LineFault>>,
    retry_after_seconds: Option<u64>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), field: None, lines: None, retry_after_seconds: None }
    }

    /// There is no such thing.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "there is no such thing")
    }

    /// A value that cannot be used, in a field.
    pub(crate) fn field(field: &'static str, code: &'static str, detail: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail) }
    }

    /// Asked too often.
    pub(crate) fn wait(seconds: u64) -> Self {
        let refused = Self::new(StatusCode::TOO_MANY_REQUESTS, "wait", format!("try again in {seconds} s"));
        Self { retry_after_seconds: Some(seconds), ..refused }
    }

    /// Whether it is this one.
    pub(crate) fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// A fault of ours, which is in the log.
    pub(crate) fn fault() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", "the box could not do this; its log says why")
    }
}

impl From<ChangeRefused> for Refused {
    fn from(refused: ChangeRefused) -> Self {
        let status = if refused.code == "not-found" { StatusCode::NOT_FOUND } else { StatusCode::UNPROCESSABLE_ENTITY };
        Self { field: Some(refused.field), ..Self::new(status, refused.code, refused.detail) }
    }
}

/// A tariff deck that was not taken: nothing of it is.
impl From<deck::Refused> for Refused {
    fn from(refused: deck::Refused) -> Self {
        let line = |fault: &deck::Fault| LineFault {
            line: fault.line,
            code: fault.wrong.code(),
            detail: fault.wrong.to_string(),
        };
        let lines = Some(refused.faults.iter().map(line).collect());
        let detail = format!("nothing was taken of the file: {} faults", refused.count);
        Self { lines, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "deck-wrong", detail) }
    }
}

impl From<AccessRefused> for Refused {
    fn from(refused: AccessRefused) -> Self {
        let words = refused.to_string();
        match refused {
            AccessRefused::WrongCode => Self::new(StatusCode::FORBIDDEN, "wrong-code", words),
            AccessRefused::WrongSecondCode => Self::new(StatusCode::FORBIDDEN, "second-code-wrong", words),
            AccessRefused::FactorOn => Self::new(StatusCode::CONFLICT, "factor-on", words),
            AccessRefused::PasskeyKnown => Self::new(StatusCode::CONFLICT, "passkey-known", words),
            AccessRefused::TooManyPasskeys => Self::new(StatusCode::CONFLICT, "too-many-passkeys", words),
            AccessRefused::NoFactor => Self::new(StatusCode::CONFLICT, "no-factor", words),
            AccessRefused::AlreadySetUp => Self::new(StatusCode::CONFLICT, "already-set-up", words),
            AccessRefused::PasswordTooShort => Self::field("password", "password-too-short", words),
            AccessRefused::PasswordCommon => Self::field("password", "password-common", words),
            AccessRefused::PasswordTooLong => Self::field("password", "password-too-long", words),
            AccessRefused::NameWrong => Self::field("name", "user-name-wrong", words),
            AccessRefused::NameTaken => Self::field("name", "user-name-taken", words),
            AccessRefused::TooMany => Self::new(StatusCode::CONFLICT, "too-many-users", words),
            AccessRefused::NoSuchUser => Self::not_found(),
            AccessRefused::LastOwner => Self::new(StatusCode::CONFLICT, "last-owner", words),
            AccessRefused::OwnersTooNew => Self::new(StatusCode::CONFLICT, "owners-too-new", words),
            AccessRefused::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale { .. } => Self::new(
                StatusCode::CONFLICT,
                "changed-meanwhile",
                "the office was changed by somebody else at the same time",
            ),
            StoreError::NoSuchRevision(_) => {
                Self::new(StatusCode::NOT_FOUND, "no-such-revision", "this revision is not kept any more")
            }
            StoreError::DoesNotFit(_) => Self::new(StatusCode::CONFLICT, "fits-no-more", error.to_string()),
            StoreError::DiskFull => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "disk-full", "the disk of the box is full")
            }
            error => {
                tracing::error!(%error, "the store refused");
                Self::fault()
            }
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Refused"),
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail,
            field: self.field,
            lines: self.lines,
        };
        let mut response = (self.status, axum::Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
