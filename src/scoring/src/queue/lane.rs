//! Windows of one kind that wait, in the order in which they are due.
//!
//! A window is due at the tokens that its lane had served when its text came, plus [`SLACK`] times
//! its place in its text. So a text of few tokens is due soon, and goes before all but the first
//! windows of long ones that came before it, for up to [`SLACK`] of those at a time. And what came
//! early enough goes before whatever comes now: a text of n tokens is passed by no more than
//! n × [`SLACK`] tokens of later ones. Fair queueing proper (Golestani 1994), which was here before,
//! shares the time equally among all texts that wait; with a hundred of them a text of a thousand
//! tokens was served its last one after a hundred thousand of the others.

use super::super::Priority;
use super::super::job::{Job, Ticket};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many tokens of others may pass for each token of a text.
const SLACK: u64 = 8;

/// When a window is due, and a number that tells equals apart.
pub type Due = (u64, u64);

/// Windows of one kind that wait.
#[derive(Default)]
pub struct Lane {
    waiting: BTreeMap<Due, Ticket>,
    /// Tokens that wait.
    pub tokens: usize,
    /// What it was served, in tokens times its weight, and never behind the others' while it is empty.
    pub time: u64,
    /// Tokens it was served.
    served: u64,
}

impl Lane {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Lets the windows of a job wait, numbered from `number` on; says when they are due.
    pub fn insert(&mut self, job: &Arc<Job>, number: &mut u64) -> Vec<Due> {
        let (mut place, mut all) = (0, Vec::new());
        for ticket in job.tickets() {
            place += ticket.cost();
            // Bulk work waits as long as it takes: first come, first served.
            let at = match job.priority() {
                Priority::Interactive => self.due(place),
                Priority::Bulk => self.served,
            };
            *number += 1;
            self.tokens += ticket.cost();
            self.waiting.insert((at, *number), ticket);
            all.push((at, *number));
        }
        all
    }

    fn due(&self, place: usize) -> u64 {
        self.served + SLACK * place as u64
    }

    /// Tokens that go before the first window of that many, if it came now.
    pub fn tokens_before(&self, cost: usize) -> usize {
        self.waiting.range(..=(self.due(cost), u64::MAX)).map(|(_, ticket)| ticket.cost()).sum()
    }

    /// What is due first, and its tokens.
    pub fn head(&self) -> Option<(Due, usize)> {
        self.waiting.first_key_value().map(|(due, ticket)| (*due, ticket.cost()))
    }

    /// Tokens of the longest window that waits.
    pub fn longest(&self) -> usize {
        self.waiting.values().map(Ticket::cost).max().unwrap_or(0)
    }

    /// Takes a window out.
    pub fn remove(&mut self, due: &Due) -> Option<Ticket> {
        let ticket = self.waiting.remove(due)?;
        self.tokens -= ticket.cost();
        Some(ticket)
    }

    /// Takes everything out.
    pub fn drain(&mut self) -> impl Iterator<Item = Ticket> + use<> {
        self.tokens = 0;
        std::mem::take(&mut self.waiting).into_values()
    }

    /// Notes that so many tokens were handed out, which count `weight` times each.
    pub fn serve(&mut self, tokens: usize, weight: u64) {
        self.served += tokens as u64;
        self.time += tokens as u64 * weight;
    }
}
