//! Where a follower of the changes stands.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use urbis_model::{LayerId, Openness};
use xxhash_rust::xxh3::xxh3_64;

use super::log::{LogKey, Logged};
use crate::position::parse_snapshot;
use crate::{Position, StoreError};

/// Longest text of a token, characters.
const MAX_LEN: usize = 8 * 1024;

/// Where a follower of the changes stands: a snapshot of transactions, whose changes it has, of one
/// database, catalogue and class.
///
/// Its text is letters, digits, `.`, `-` and `_`. It opens nothing: whoever makes one up gets other
/// changes of what he may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangesToken {
    /// Tells database, line of its history and catalogue from others.
    pub(super) life: u64,
    /// Tells a run of the server from others.
    pub(super) run: u64,
    /// The class whose changes the follower has.
    pub(super) class: Openness,
    /// Transactions from here on it has not seen.
    pub(super) xmax: u64,
    /// Nor these, ascending.
    pub(super) in_progress: Vec<u64>,
    /// Of one of these it has what comes up to here.
    pub(super) partly: Option<LogKey>,
}

impl ChangesToken {
    /// The token of who has read everything as a class sees it, when the database was at a
    /// position or later.
    pub fn at(position: &Position, class: Openness) -> Self {
        let Position { system_identifier, timeline, started, catalog_hash, .. } = position;
        let life = format!("{system_identifier}/{timeline}/{catalog_hash}");
        Self {
            life: xxh3_64(life.as_bytes()),
            run: xxh3_64(&started.to_le_bytes()) >> 32,
            class,
            xmax: position.xmax,
            in_progress: below(position.xmax, &position.in_progress),
            partly: None,
        }
    }

    /// The same at another snapshot, as PostgreSQL spells it.
    pub(super) fn of_snapshot(&self, snapshot: &str) -> Result<Self, StoreError> {
        let (_, xmax, in_progress) = parse_snapshot(snapshot)?;
        Ok(Self { xmax, in_progress: below(xmax, &in_progress), partly: None, ..self.clone() })
    }

    /// The first transaction that may be missed.
    pub(super) fn lowest(&self) -> u64 {
        self.in_progress.first().copied().unwrap_or(self.xmax)
    }

    /// The token of who has the changes of this one and all up to a row of the log, read when the
    /// database was at `present`.
    pub(super) fn after(&self, row: &Logged, present: &Self) -> Self {
        let reached = row.key.xid;
        let xmax = self.xmax.max(reached);
        let later = self.in_progress.iter().filter(|xid| **xid >= reached);
        let in_progress = below(xmax, present.in_progress.iter().chain(later));
        Self { xmax, in_progress, partly: Some(row.key.clone()), ..present.clone() }
    }

    /// The token of who has only what is in both; of the run of the other.
    pub(super) fn meet(&self, other: &Self) -> Self {
        let xmax = self.xmax.min(other.xmax);
        let in_progress = below(xmax, self.in_progress.iter().chain(&other.in_progress));
        Self { xmax, in_progress, partly: None, ..other.clone() }
    }
}

/// Those of some transactions that lie below a bound, ascending, each once.
fn below<'a>(xmax: u64, xids: impl IntoIterator<Item = &'a u64>) -> Vec<u64> {
    let below: BTreeSet<u64> = xids.into_iter().copied().filter(|xid| *xid < xmax).collect();
    below.into_iter().collect()
}

impl fmt::Display for ChangesToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { life, run, class, xmax, in_progress, partly } = self;
        write!(f, "{life:x}.{run:x}.{class}.{xmax}.")?;
        let before: Vec<String> = in_progress.iter().map(|xid| (xmax - xid).to_string()).collect();
        f.write_str(&before.join("-"))?;
        if let Some(LogKey { xid, layer, feature_id }) = partly {
            write!(f, ".{xid}.{feature_id}.{layer}")?;
        }
        Ok(())
    }
}

impl FromStr for ChangesToken {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let invalid = || StoreError::PositionInvalid { found: text.chars().take(80).collect() };
        if text.len() > MAX_LEN {
            return Err(invalid());
        }
        let token = parse(text).ok_or_else(invalid)?;
        // One spelling each.
        if token.to_string() == text { Ok(token) } else { Err(invalid()) }
    }
}

fn parse(text: &str) -> Option<ChangesToken> {
    let parts: Vec<&str> = text.split('.').collect();
    let (&[life, run, class, xmax, before], partly) = parts.split_first_chunk()?;
    let hexadecimal = |digits| u64::from_str_radix(digits, 16).ok();
    let xmax: u64 = xmax.parse().ok()?;
    let before = before.split('-').filter(|number| !number.is_empty());
    let in_progress: Option<Vec<u64>> =
        before.map(|number| xmax.checked_sub(number.parse().ok()?)).collect();
    let partly = match *partly {
        [] => None,
        [xid, feature_id, layer] => Some(LogKey {
            xid: xid.parse().ok()?,
            feature_id: feature_id.parse().ok()?,
            layer: LayerId::new(layer).ok()?,
        }),
        _ => return None,
    };
    Some(ChangesToken {
        life: hexadecimal(life)?,
        run: hexadecimal(run)?,
        class: class.parse().ok()?,
        xmax,
        in_progress: in_progress?,
        partly,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(snapshot: &str) -> ChangesToken {
        let position: Position = format!("7350/1/5/99/{snapshot}").parse().unwrap();
        ChangesToken::at(&position, Openness::Internal)
    }

    fn row(xid: u64) -> Logged {
        let key = LogKey { xid, layer: LayerId::new("pole").unwrap(), feature_id: 12 };
        Logged { key, old: Vec::new(), new: Vec::new() }
    }

    /// What a follower has, said one by one.
    fn has(token: &ChangesToken, xid: u64) -> bool {
        xid < token.xmax && !token.in_progress.contains(&xid)
    }

    #[test]
    fn a_token_survives_its_text_and_nothing_else_is_one() {
        for token in [
            token("10:20:10,14"),
            token("20:20:"),
            token("9:20:9").after(&row(11), &token("30:30:")),
        ] {
            assert_eq!(token.to_string().parse::<ChangesToken>().unwrap(), token);
        }
        for text in [
            "",
            "1.2.open.3",
            "1.2.open.3.4",
            "1.2.all.3.",
            "1.2.open.03.",
            "1.2.open.9.2-2x",
            "1.2.open.9.2.1.1",
            "1.2.open.9.2.1.1.Đ",
            "01.2.open.9.",
        ] {
            assert!(text.parse::<ChangesToken>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_page_that_ends_in_a_transaction_has_those_before_and_nothing_that_is_open() {
        let (since, present) = (token("10:20:10,14,16"), token("14:30:14,22"));
        for (reached, expected) in [
            (10, &[11, 12, 13, 15, 17, 18, 19][..]),
            (16, &[10, 11, 12, 13, 15, 17, 18, 19]),
            (25, &[10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 23, 24]),
        ] {
            let after = since.after(&row(reached), &present);
            let seen: Vec<u64> = (10..40).filter(|xid| has(&after, *xid)).collect();
            assert_eq!(seen, expected, "{reached}");
            assert!(after.lowest() <= reached);
        }
    }

    #[test]
    fn what_two_have_is_what_each_has() {
        let (one, other) = (token("10:20:10,14"), token("12:18:12"));
        let both = one.meet(&other);
        for xid in 5..40 {
            assert_eq!(has(&both, xid), has(&one, xid) && has(&other, xid), "{xid}");
        }
    }
}
