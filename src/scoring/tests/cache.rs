//! What is scored once for several.

use super::bench::{bench, never, text};
use crate::scoring::{Cached, EngineOptions, Priority, Scorer};
use futures_util::future::join_all;
use std::sync::Arc;

#[test]
fn the_same_text_is_scored_once() {
    let bench = bench(EngineOptions::default(), false, never);
    let cached = Cached::new(Arc::clone(&bench.engine) as Arc<dyn Scorer>, 1 << 20);
    let (one, other) = (text("The same."), text("Another."));
    bench.runtime.block_on(async {
        let all = (0..20).map(|_| cached.score(&one, Some("en"), Priority::Interactive));
        let all = join_all(all).await;
        assert!(all.iter().all(|analysis| analysis == &all[0]));
        cached.score(&one, None, Priority::Bulk).await.unwrap();
        cached.score(&other, Some("en"), Priority::Bulk).await.unwrap();
    });
    let statistics = cached.statistics();
    assert_eq!((statistics.cache_hits, statistics.cache_misses), (19, 3));
    assert_eq!(statistics.texts, 3);
}

#[test]
fn the_cache_stays_within_its_bytes() {
    let bench = bench(EngineOptions::default(), false, never);
    let cached = Cached::new(Arc::clone(&bench.engine) as Arc<dyn Scorer>, 20_000);
    bench.runtime.block_on(async {
        for number in 0..200 {
            let text = text(&format!("Number {number}."));
            cached.score(&text, Some("en"), Priority::Bulk).await.unwrap();
        }
    });
    let bytes = bench.runtime.block_on(cached.bytes());
    assert!((1..=20_000).contains(&bytes), "{bytes} bytes");
}
