//! The context of an operation: who, in which shop, when, and the way to the store.

use std::sync::Arc;

use base::{Actor, Entropy, Id, Result, ShopId, Time, id};

use crate::db::Shelf;
use crate::{Db, KeyRing, Tx};

/// Handed first to every domain function. `now` is fixed for the whole operation.
#[derive(Debug, Clone)]
pub struct Cx {
    /// The shop that this is about.
    pub shop: ShopId,
    /// Who acts.
    pub actor: Actor,
    /// The time of the operation.
    pub now: Time,
    /// What logs and answers call this operation.
    pub request: String,
    /// From where it was asked for; empty on this machine itself.
    pub address: String,
    /// Randomness.
    pub entropy: Entropy,
    /// Keys for personal data.
    pub keys: Arc<KeyRing>,
    db: Db,
}

impl Cx {
    /// A context of `shop` at `now`, acting as the program itself.
    #[must_use]
    pub fn new(db: Db, keys: Arc<KeyRing>, shop: ShopId, now: Time, entropy: Entropy) -> Self {
        let (request, address) = (String::new(), String::new());
        Self { shop, actor: Actor::System, now, request, address, entropy, keys, db }
    }

    /// The same context acting as somebody.
    #[must_use]
    pub fn acting(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// The same context at another time.
    #[must_use]
    pub fn at(&self, now: Time) -> Self {
        Self { now, ..self.clone() }
    }

    /// The same context in another shop; for loops that serve every shop.
    #[must_use]
    pub fn of(&self, shop: ShopId) -> Self {
        Self { shop, ..self.clone() }
    }

    /// A transaction that reads one moment of this shop.
    ///
    /// # Errors
    /// `busy` when no connection comes free in time.
    pub async fn read(&self) -> Result<Tx> {
        self.db.read(Shelf::State, self.shop).await
    }

    /// A transaction that writes. On SQLite there is one at a time; keep it short.
    ///
    /// # Errors
    /// `busy` when the writer does not come free in time.
    pub async fn write(&self) -> Result<Tx> {
        self.db.write(Shelf::State, self.shop).await
    }

    /// The database beneath, for [`crate::sys`] and the log.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// A new id.
    #[must_use]
    pub fn id<K: id::Kind>(&self) -> Id<K> {
        Id::new(self.now, &self.entropy)
    }
}
