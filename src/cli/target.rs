//! A file that is written under another name until it is whole.

use super::Trouble;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Where a command writes its result. What is dropped before [`Target::finish`] leaves nothing behind.
pub struct Target {
    /// What to write to.
    pub writer: Box<dyn Write + Send>,
    /// The file as it is written, and as it will be called; none when that is done.
    names: Option<(PathBuf, PathBuf)>,
}

impl Target {
    /// A new file, or standard output for `-`.
    pub fn create(path: &Path) -> Result<Self, Trouble> {
        if path.as_os_str() == "-" {
            return Ok(Self { writer: Box::new(BufWriter::new(std::io::stdout())), names: None });
        }
        if path.exists() {
            return Err(format!("{} exists; choose another name", path.display()).into());
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let file = File::create(&partial)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        let names = Some((partial.into(), path.to_owned()));
        Ok(Self { writer: Box::new(BufWriter::new(file)), names })
    }

    /// Puts the file on disk under its name.
    pub fn finish(mut self) -> Result<(), std::io::Error> {
        self.writer.flush()?;
        if let Some((partial, path)) = &self.names {
            File::open(partial).and_then(|file| file.sync_all())?;
            std::fs::rename(partial, path)?;
        }
        self.names = None;
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some((partial, _)) = &self.names {
            let _ = std::fs::remove_file(partial);
        }
    }
}
