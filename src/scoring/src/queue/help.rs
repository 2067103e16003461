//! Which workers could do with help, and which have it.

use heartstrings_inference::{HelperPool, MOST_CORES};
use std::sync::Arc;

/// Teams that were asked for.
#[derive(Default)]
pub struct Help {
    wanted: Vec<Wanted>,
    /// Whether anyone has ever asked: where the network cannot be shared nobody does.
    is_known: bool,
}

struct Wanted {
    team: Arc<HelperPool>,
    helpers: usize,
}

impl Help {
    /// Whether work can be shared at all, as far as is known.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// How many help somebody.
    pub fn count(&self) -> usize {
        self.wanted.iter().map(|wanted| wanted.helpers).sum()
    }

    /// Asks for help; says whether any more helpers may come.
    pub fn ask(&mut self, team: &Arc<HelperPool>) -> bool {
        self.is_known = true;
        match self.find(team) {
            Some(wanted) => wanted.helpers < MOST_CORES - 1,
            None => {
                team.gather();
                self.wanted.push(Wanted { team: Arc::clone(team), helpers: 0 });
                true
            }
        }
    }

    /// Whom a worker with nothing to do should help: who has the fewest helpers.
    pub fn somebody(&mut self) -> Option<Arc<HelperPool>> {
        let open = self.wanted.iter_mut().filter(|wanted| wanted.helpers < MOST_CORES - 1);
        let chosen = open.min_by_key(|wanted| wanted.helpers)?;
        chosen.helpers += 1;
        Some(Arc::clone(&chosen.team))
    }

    /// Notes that a helper has left a team.
    pub fn left(&mut self, team: &Arc<HelperPool>) {
        if let Some(wanted) = self.find(team) {
            wanted.helpers = wanted.helpers.saturating_sub(1);
        }
    }

    /// Sends a team's helpers away.
    pub fn dismiss(&mut self, team: &Arc<HelperPool>) {
        team.dismiss();
        self.wanted.retain(|wanted| !Arc::ptr_eq(&wanted.team, team));
    }

    fn find(&mut self, team: &Arc<HelperPool>) -> Option<&mut Wanted> {
        self.wanted.iter_mut().find(|wanted| Arc::ptr_eq(&wanted.team, team))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_the_fewest_helpers_gets_the_next_one() {
        let (mut help, one, two) = (Help::default(), Arc::default(), Arc::default());
        assert!(help.somebody().is_none());
        assert!(help.ask(&one) && help.ask(&two));
        let mut next = || help.somebody().map(|team| Arc::ptr_eq(&team, &one));
        let chosen: Vec<_> = (0..2 * (MOST_CORES - 1)).map(|_| next()).collect();
        assert_eq!(chosen.iter().filter(|is_one| **is_one == Some(true)).count(), MOST_CORES - 1);
        assert_eq!(chosen[0], chosen[2]);
        assert_eq!(next(), None, "both have as many as they can use");
        help.left(&one);
        assert!(help.ask(&one) && !help.ask(&two));
        help.dismiss(&one);
        help.dismiss(&two);
        assert_eq!((help.count(), help.somebody().is_none()), (0, true));
    }
}
