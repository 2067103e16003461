//! What whoever runs a command can do about an error of the store.

use heartstrings_store::{OpenError, StoreError};

/// What the error says, and what to do about it.
pub fn with_advice(error: &StoreError) -> String {
    let advice = match error {
        StoreError::WritesStopped(_) => ". Check the disk, then start again",
        StoreError::DiskFull(_) => ". Free some space; deletes and reads go on",
        StoreError::Busy => "; try again in a moment",
        StoreError::Damaged { .. } => {
            "; `heartstrings verify` lists all that is, and `heartstrings restore` makes a new \
             store from a backup"
        }
        StoreError::Open(error) => advice_on_opening(error),
        StoreError::Closed | StoreError::BadCursor | StoreError::Io(_) => "",
    };
    format!("{error}{advice}")
}

fn advice_on_opening(error: &OpenError) -> &'static str {
    match error {
        OpenError::NoFolder { .. } => "; choose another with --store sled:FOLDER",
        OpenError::NotEmpty { .. } => "; restore into a new folder with --store sled:FOLDER",
        OpenError::InUse { .. } => {
            "; stop that one, or choose another folder with --store sled:FOLDER"
        }
        OpenError::Unreadable { .. } => {
            ". Look at the disk, and keep a copy of the folder. `heartstrings restore` makes a new \
             database from what `heartstrings backup` has written, in an empty folder (--store \
             sled:FOLDER); `heartstrings verify` says whether one is sound"
        }
        OpenError::Lost { .. } => {
            ". Look at the disk, and keep a copy of the folder. `heartstrings verify` says what is \
             wrong; `heartstrings backup --skip-damaged` saves what is left; `heartstrings restore` \
             makes a new database from an earlier backup, in an empty folder (--store sled:FOLDER); \
             `heartstrings rebuild` takes the loss for what it is, and what is left can be served \
             again"
        }
        OpenError::RebuildInterrupted { .. } => "; finish it with `heartstrings rebuild`",
        OpenError::NotRebuilt(_) => {
            ". Keep a copy of the folder; `heartstrings backup --skip-damaged` saves what can be \
             read and names what cannot, and `heartstrings restore` makes a new database from it, \
             in an empty folder (--store sled:FOLDER)"
        }
        OpenError::Failed(_) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_cannot_open_a_database_is_told_which_commands_help() {
        let (place, why) = ("./data".to_owned(), "why".to_owned());
        let lost = OpenError::Lost { place: place.clone(), losses: why.clone() };
        let unreadable = OpenError::Unreadable { place: place.clone(), why: why.clone() };
        let cases: [(OpenError, &[&str]); 5] = [
            (lost, &["verify", "backup", "restore", "rebuild", "has lost reviews"]),
            (unreadable, &["Nothing was deleted", "heartstrings restore", "backup", "verify"]),
            (OpenError::RebuildInterrupted { place: place.clone() }, &["heartstrings rebuild"]),
            (OpenError::InUse { place }, &["open in another process", "--store"]),
            (OpenError::NotRebuilt(why), &["nothing was rebuilt", "backup", "restore"]),
        ];
        for (error, words) in cases {
            let told = with_advice(&error.into());
            for word in words {
                assert!(told.contains(word), "{told}");
            }
        }
    }
}
