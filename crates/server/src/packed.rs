//! Files in the form in which they were packed last, so that a page costs its packing once.

use std::collections::HashMap;
use std::sync::Mutex;

use bytes::Bytes;

use crate::encoding::Encoding;
use crate::etag::Etag;

/// Most bytes that are kept; beyond them all is forgotten and packed again as it is asked for.
const MAX_LEN: usize = 16 << 20;

/// Packed bodies by the tag that names their content and coding.
#[derive(Debug, Default)]
pub(crate) struct PackedFiles(Mutex<HashMap<Etag, (Encoding, Bytes)>>);

impl PackedFiles {
    /// The body that was packed under this tag.
    pub fn find(&self, etag: &Etag) -> Option<(Encoding, Bytes)> {
        self.0.lock().ok()?.get(etag).cloned()
    }

    /// Keeps a packed body.
    pub fn keep(&self, etag: Etag, packed: (Encoding, Bytes)) {
        // After a panic under the lock files are packed each time, and served all the same.
        let Ok(mut kept) = self.0.lock() else { return };
        let len: usize = kept.values().map(|(_, body)| body.len()).sum();
        if len + packed.1.len() > MAX_LEN {
            kept.clear();
        }
        kept.insert(etag, packed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_never_outgrows_its_bound() {
        let files = PackedFiles::default();
        let body = (Encoding::Gzip, Bytes::from(vec![0; MAX_LEN / 3]));
        for number in 0..7_u8 {
            let etag = Etag::from_parts(&[&[number]]);
            files.keep(etag.clone(), body.clone());
            assert!(files.find(&etag).is_some());
        }
        assert!(files.0.lock().unwrap().len() <= 3);
    }
}
