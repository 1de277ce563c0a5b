//! The office's logo on its way from the page to the store and to the phones.

use std::sync::Arc;

use centrale_config::{Change, Office};
use centrale_provisioning::{Logo, LogoRefused};
use centrale_store::{Store, StoreError};

use crate::clock;
use crate::desk::Desk;
use crate::edge::{Edge, blocking};
use crate::problem::Refused;

/// The picture that an office names, if the box has it and can read it.
pub(crate) fn logo_of(store: &Store, office: &Office) -> Result<Option<Logo>, StoreError> {
    let Some(sha256) = office.logo else { return Ok(None) };
    let logo = store.picture(sha256)?.and_then(|file| Logo::read(&file).ok());
    Ok(logo.filter(|logo| logo.sha256() == sha256))
}

impl Edge {
    /// Makes a PNG picture the office's logo. Returns the revision's number.
    pub(crate) async fn choose_logo(&self, file: Vec<u8>) -> Result<u64, Refused> {
        let store = self.0.store.clone();
        let kept = blocking(move || {
            let logo = match Logo::read(&file) {
                Ok(logo) => logo,
                Err(refused) => return Ok(Err(refused)),
            };
            store.put_picture(logo.sha256(), file)?;
            Ok(Ok(logo))
        });
        let logo = kept.await?.map_err(refusal)?;
        let mut desk = self.0.desk.lock().await;
        let revision = self.change_at(&mut desk, Change::SetLogo { sha256: Some(logo.sha256()) }).await?;
        if desk.enrolment.logo().is_none() {
            // The office named it before, and the box did not have it: no revision comes with it.
            desk.enrolment.set_logo(Some(logo));
            let Desk { enrolment, rng, office, .. } = &mut *desk;
            let effects = enrolment.settle(clock::moment(), Arc::clone(office), rng);
            let _ = self.carry_out(&mut desk, effects).await;
        }
        Ok(revision)
    }

    /// The file of the office's logo, if the box has it.
    pub(crate) async fn logo_file(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let logo = self.0.desk.lock().await.enrolment.logo().map(Logo::sha256);
        let (Some(sha256), store) = (logo, self.0.store.clone()) else { return Ok(None) };
        blocking(move || store.picture(sha256)).await
    }
}

fn refusal(refused: LogoRefused) -> Refused {
    let code = match refused {
        LogoRefused::TooLarge => "logo-too-large",
        LogoRefused::NotPng => "logo-not-png",
    };
    Refused::field("png", code, refused.to_string())
}
