//! Originals that nobody needs every day, in a colder and cheaper place. Whoever reads an original finds it
//! there without knowing.

use super::key::Class;
use super::{Place, Result, Storage, moving};

impl Storage {
    /// Is there a colder place for originals?
    pub fn has_archive(&self) -> bool {
        self.has_archive
    }

    pub(super) fn may_be_archived(&self, class: Class) -> bool {
        class == Class::Original && self.has_archive
    }

    /// The class under which the blob is found now.
    pub(super) async fn lies_as(&self, class: Class, key: &str) -> Result<Class> {
        if !self.may_be_archived(class) || self.head_here(class, key).await.is_ok() {
            return Ok(class);
        }
        match self.head_here(Class::Archive, key).await {
            Ok(_) => Ok(Class::Archive),
            Err(error) if error.is_not_found() => Ok(class),
            Err(error) => Err(error),
        }
    }

    /// Moves an original to the archive, verified by what can be read there before it leaves its old place.
    /// False when there is no such original outside of the archive. Stopped at any moment it can be done again.
    pub async fn archive(&self, key: &str) -> Result<bool> {
        self.carry(key, Class::Original, Class::Archive).await
    }

    /// The way back.
    pub async fn unarchive(&self, key: &str) -> Result<bool> {
        self.carry(key, Class::Archive, Class::Original).await
    }

    async fn carry(&self, key: &str, from: Class, to: Class) -> Result<bool> {
        match self.head_here(from, key).await {
            Ok(_) => {}
            Err(error) if error.is_not_found() => return Ok(false),
            Err(error) => return Err(error),
        }
        // The bucket vouches for a copy that it makes by itself.
        let is_copied = match (self.place(from, key)?, self.place(to, key)?) {
            (Place::Bucket(source), Place::Bucket(target)) => {
                source.copy((from, key), target, (to, key)).await?
            }
            _ => false,
        };
        if !is_copied && !moving::copy((self, from), (self, to), key).await? {
            return Ok(false);
        }
        self.delete_here(from, key).await?;
        Ok(true)
    }
}
