//! The waiting windows of one priority, in the order of their virtual deadlines.
//!
//! The virtual deadline of a window is the number of tokens that its lane had served when its text arrived, plus
//! [`SLACK`] times its position in its text. So a short text has an early deadline, and overtakes all but the first
//! windows of long texts that arrived before it, of up to [`SLACK`] texts at a time. And overtaking
//! is bounded: later texts overtake a text of n tokens with no more than
//! n × [`SLACK`] tokens. Self-clocked fair queueing (Golestani 1994) shares the time equally among all
//! texts that wait instead; with a hundred of them, a text of a thousand
//! tokens was complete only after a hundred thousand tokens of the others.

use crate::job::{Entry, Job};
use crate::scorer::Priority;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Tokens of later texts that may overtake each token of a text.
const SLACK: u64 = 8;

/// The virtual deadline of a window, in tokens served by its lane, and a number that distinguishes equal deadlines.
pub type EntryKey = (u64, u64);

/// The waiting windows of one priority.
#[derive(Default)]
pub struct Lane {
    waiting: BTreeMap<EntryKey, Entry>,
    /// Tokens that wait.
    pub tokens: usize,
    /// Virtual time: the tokens that the lane was served, times its weight. It does not fall behind the other
    /// lane's while the lane is empty.
    pub time: u64,
    /// Tokens that the lane was served.
    served: u64,
}

impl Lane {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Adds the windows of a job, numbered from `number` on. Returns their keys.
    pub fn insert(&mut self, job: &Arc<Job>, number: &mut u64) -> Vec<EntryKey> {
        let (mut position, mut keys) = (0, Vec::new());
        for entry in job.entries() {
            position += entry.cost();
            // Bulk work is first come, first served.
            let deadline = match job.priority() {
                Priority::Interactive => self.deadline(position),
                Priority::Bulk => self.served,
            };
            *number += 1;
            self.tokens += entry.cost();
            self.waiting.insert((deadline, *number), entry);
            keys.push((deadline, *number));
        }
        keys
    }

    /// Virtual deadline of a window that arrives now and ends at this position, in tokens, of its text.
    fn deadline(&self, position: usize) -> u64 {
        self.served + SLACK * position as u64
    }

    /// Tokens that would be served before the first window, of `cost` tokens, of a text that arrived now.
    pub fn tokens_before(&self, cost: usize) -> usize {
        self.waiting.range(..=(self.deadline(cost), u64::MAX)).map(|(_, entry)| entry.cost()).sum()
    }

    /// Key and tokens of the window with the earliest deadline.
    pub fn head(&self) -> Option<(EntryKey, usize)> {
        self.waiting.first_key_value().map(|(key, entry)| (*key, entry.cost()))
    }

    /// Tokens of the longest window that waits.
    pub fn longest(&self) -> usize {
        self.waiting.values().map(Entry::cost).max().unwrap_or(0)
    }

    /// Removes a window, if it still waits.
    pub fn remove(&mut self, key: &EntryKey) -> Option<Entry> {
        let entry = self.waiting.remove(key)?;
        self.tokens -= entry.cost();
        Some(entry)
    }

    /// Removes all windows.
    pub fn drain(&mut self) -> impl Iterator<Item = Entry> + use<> {
        self.tokens = 0;
        std::mem::take(&mut self.waiting).into_values()
    }

    /// Records that `tokens` tokens were served. Each advances the virtual time by `weight`.
    pub fn serve(&mut self, tokens: usize, weight: u64) {
        self.served += tokens as u64;
        self.time += tokens as u64 * weight;
    }
}
