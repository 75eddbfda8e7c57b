//! A map bounded by entries and by bytes, from which the longest unused goes first.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

/// Keys are shared between the map and the order of use.
#[derive(Debug)]
pub(crate) struct Lru<K, V> {
    entries: HashMap<Arc<K>, Entry<V>>,
    order: BTreeMap<u64, Arc<K>>,
    uses: u64,
    most: usize,
    most_bytes: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    bytes: usize,
    used: u64,
}

impl<K: Hash + Eq, V: Clone> Lru<K, V> {
    pub(crate) fn new(most: usize, most_bytes: usize) -> Self {
        let (entries, order) = (HashMap::new(), BTreeMap::new());
        Self { entries, order, uses: 0, most, most_bytes, bytes: 0 }
    }

    /// The value of `key`, which counts as a use.
    pub(crate) fn get(&mut self, key: &K) -> Option<V> {
        let entry = self.entries.get_mut(key)?;
        self.uses += 1;
        if let Some(key) = self.order.remove(&entry.used) {
            self.order.insert(self.uses, key);
        }
        entry.used = self.uses;
        Some(entry.value.clone())
    }

    /// Keeps `value`, which takes `bytes` with its key, and forgets what is over the limits. What
    /// is larger than all the room there is, is not kept.
    pub(crate) fn insert(&mut self, key: K, value: V, bytes: usize) {
        if bytes > self.most_bytes || self.most == 0 {
            return;
        }
        self.uses += 1;
        let key = Arc::new(key);
        let entry = Entry { value, bytes, used: self.uses };
        if let Some(before) = self.entries.insert(Arc::clone(&key), entry) {
            self.order.remove(&before.used);
            self.bytes -= before.bytes;
        }
        self.order.insert(self.uses, key);
        self.bytes += bytes;
        while self.entries.len() > self.most || self.bytes > self.most_bytes {
            let Some((_, key)) = self.order.pop_first() else { break };
            self.bytes -= self.entries.remove(&key).map_or(0, |entry| entry.bytes);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_longest_unused_goes_first() {
        let mut lru = Lru::new(2, 100);
        lru.insert(1, "one", 10);
        lru.insert(2, "two", 10);
        assert_eq!(lru.get(&1), Some("one"));
        lru.insert(3, "three", 10);
        assert_eq!((lru.get(&1), lru.get(&2), lru.get(&3)), (Some("one"), None, Some("three")));
        lru.insert(4, "large", 95);
        assert_eq!((lru.len(), lru.bytes()), (1, 95));
        lru.insert(5, "larger", 101);
        assert_eq!((lru.get(&4), lru.get(&5)), (Some("large"), None));
    }

    proptest! {
        #[test]
        fn the_limits_hold_and_the_bytes_add_up(
            most in 0..6_usize,
            deeds in prop::collection::vec((0..10_u8, 1..40_usize, any::<bool>()), 0..200),
        ) {
            let mut lru = Lru::new(most, 100);
            for (key, bytes, insert) in deeds {
                if insert {
                    lru.insert(key, bytes, bytes);
                } else if let Some(kept) = lru.get(&key) {
                    prop_assert!(kept <= 100);
                }
                let sum: usize = lru.entries.values().map(|entry| entry.bytes).sum();
                prop_assert_eq!(lru.bytes(), sum);
                prop_assert!(lru.len() <= most && lru.bytes() <= 100);
                prop_assert_eq!(lru.order.len(), lru.len());
            }
        }
    }
}
