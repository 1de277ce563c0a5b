//! QR codes as pictures.

use qrcode::QrCode;
use qrcode::render::svg;

use crate::problem::Refused;

/// A text as a QR code (SVG). Fails for one that is longer than a QR code holds.
pub(crate) fn qr_svg(text: &str) -> Result<String, Refused> {
    let code = QrCode::new(text.as_bytes()).map_err(|_| Refused::fault())?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(240, 240).build())
}
