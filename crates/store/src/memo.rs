//! What the process remembers of a database, so as not to read it again: things that never change
//! once they are committed.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// What is remembered, a value of each type. Each type bounds what it holds itself.
#[derive(Default)]
pub(crate) struct Memo(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Memo {
    /// The value of a type, which is made when it is asked for first.
    pub(crate) fn of<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = all.entry(TypeId::of::<T>()).or_insert_with(|| Arc::<T>::default());
        Arc::clone(value).downcast().unwrap_or_default()
    }
}

/// Values by their keys, for [`Tx::memo`](crate::Tx::memo).
#[derive(Debug)]
pub struct Remembered<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    /// What is remembered under a key.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<V> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Remembers a value in place of the one before. All are forgotten when together they have more
    /// than `most` by `size`: what is needed again is read again.
    pub fn keep(&self, key: K, value: V, (most, size): (usize, impl Fn(&V) -> usize)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(key, value);
        if all.values().map(size).sum::<usize>() > most {
            all.clear();
        }
    }
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}
