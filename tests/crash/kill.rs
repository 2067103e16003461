//! `kill -9` at any moment.

use crate::clients::{self, Known};
use crate::helpers::Server;
use crate::random::Random;
use crate::{kills, seed};

#[tokio::test]
async fn a_killed_service_has_kept_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (mut random, mut known) = (Random::new(seed()), Known::nothing());
    for round in 0..kills() {
        let server = Server::start_on(&data, &clients::SETTINGS);
        known.check(&server).await;
        let operations = 1 + random.below(60);
        known.work_and_kill(server, &mut random, operations).await;
        clients::verify(&data);
        println!("kill {} after {operations} answers: every promise kept", round + 1);
    }
    known.check(&Server::start_on(&data, &clients::SETTINGS)).await;
}
