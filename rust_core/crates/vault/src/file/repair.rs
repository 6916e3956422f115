//! A vault that is not as it was signed, signed again as somebody wants it.

use super::manifest::Finding;
use super::opened::{OpenedVault, VaultError};

impl OpenedVault {
    /// The secrets whose lines do not open, of those that are not as they were signed.
    #[must_use]
    pub fn unopened(&self) -> Vec<&str> {
        let there = self.findings.iter().filter_map(|finding| match finding {
            Finding::Gone(_) => None,
            Finding::Added(name) | Finding::Replaced { name, .. } => Some(name.as_str()),
        });
        there.filter(|name| !self.opens(name)).collect()
    }

    fn opens(&self, name: &str) -> bool {
        let place = self.document.place(name);
        place.is_ok_and(|place| self.value(&self.document.secrets[place]).is_ok())
    }

    /// Takes out some of the secrets that are not as they were signed, and signs the vault with the
    /// others as they stand.
    ///
    /// # Errors
    ///
    /// One to be taken out is as it was signed, or one of the others does not open; then nothing is
    /// changed.
    pub fn repair(&mut self, dropped: &[&str]) -> Result<(), VaultError> {
        for name in dropped {
            if !self.findings.iter().any(|finding| finding.name() == *name) {
                return Err(VaultError::Missing(format!("{name} to be settled")));
            }
        }
        let unopened = self.unopened();
        if let Some(name) = unopened.iter().find(|name| !dropped.contains(name)) {
            return Err(VaultError::Secret((*name).to_owned()));
        }
        let is_dropped = |name: &str| dropped.contains(&name);
        self.document
            .secrets
            .retain(|secret| !is_dropped(&secret.name));
        self.accept();
        Ok(())
    }
}
