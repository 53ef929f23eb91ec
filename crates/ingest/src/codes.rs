//! Finds the codes of a code list in the spellings of sources.

use std::collections::HashMap;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use urbis_catalog::{CODE_SEPARATOR, CodeValue};

/// What stands between several codes in sources; blanks do too, where nothing else explains them.
const SEPARATORS: [char; 5] = ['+', ',', ';', '/', '|'];

/// The spellings of one code list.
#[derive(Debug, Default)]
pub(crate) struct CodeList {
    /// Every whole spelling in lower case.
    whole: HashMap<String, Arc<str>>,
    /// First words in lower case, longest first.
    starts: Vec<(String, Arc<str>)>,
}

impl CodeList {
    /// Reads a code list.
    pub(crate) fn new<'a>(values: impl IntoIterator<Item = (&'a String, &'a CodeValue)>) -> Self {
        let mut list = Self::default();
        for (key, CodeValue { from, from_start, .. }) in values {
            let code: Arc<str> = key.as_str().into();
            let spellings = std::iter::once(key).chain(from);
            list.whole.extend(spellings.map(|spelling| (fold(spelling), Arc::clone(&code))));
            list.starts.extend(from_start.iter().map(|start| (fold(start), Arc::clone(&code))));
        }
        list.starts.sort_by_key(|(start, _)| std::cmp::Reverse(start.len()));
        list
    }

    /// The code of a whole spelling that is folded already.
    pub(crate) fn exact(&self, folded: &str) -> Option<&Arc<str>> {
        self.whole.get(folded)
    }

    /// The code of a text.
    pub(crate) fn find(&self, text: &str) -> Option<&Arc<str>> {
        let folded = fold(text);
        self.exact(&folded).or_else(|| self.find_start(&folded))
    }

    /// The codes of a text with several, in its order, each once, joined by [`CODE_SEPARATOR`].
    ///
    /// A spelling with separators or blanks of its own is taken whole.
    ///
    /// # Errors
    ///
    /// The first part that is in no list.
    pub(crate) fn find_several<'a>(&self, text: &'a str) -> Result<String, &'a str> {
        let mut found: Vec<&str> = Vec::new();
        for code in self.split(text)? {
            if !found.contains(&code) {
                found.push(code);
            }
        }
        Ok(found.join(&CODE_SEPARATOR.to_string()))
    }

    fn split<'a>(&self, text: &'a str) -> Result<Vec<&str>, &'a str> {
        if let Some(code) = self.exact(&fold(text)) {
            return Ok(vec![code]);
        }
        let parts = text.split(SEPARATORS).map(str::trim).filter(|part| !part.is_empty());
        let codes: Vec<Vec<&str>> =
            parts.map(|part| self.of_part(part)).collect::<Result<_, _>>()?;
        // Nothing but separators.
        if codes.is_empty() { Err(text) } else { Ok(codes.concat()) }
    }

    /// The codes between two separators: one, or one a word.
    fn of_part<'a>(&self, part: &'a str) -> Result<Vec<&str>, &'a str> {
        if let Some(code) = self.exact(&fold(part)) {
            return Ok(vec![code]);
        }
        let words: Vec<&str> = part.split_whitespace().collect();
        let codes: Vec<Option<&Arc<str>>> =
            words.iter().map(|word| self.exact(&fold(word))).collect();
        if let Some(codes) = codes.iter().map(|code| code.map(|code| &**code)).collect() {
            return Ok(codes);
        }
        if let Some(code) = self.find_start(&fold(part)) {
            return Ok(vec![code]);
        }
        // Where no word is a code, they were one spelling.
        let is_list = codes.iter().any(Option::is_some);
        let unknown = words.iter().zip(&codes).find(|(_, code)| code.is_none());
        Err(unknown.filter(|_| is_list).map_or(part, |(word, _)| word))
    }

    fn find_start(&self, folded: &str) -> Option<&Arc<str>> {
        let starts = |start: &str| {
            folded.strip_prefix(start).is_some_and(|rest| rest.starts_with(char::is_whitespace))
        };
        self.starts.iter().find(|(start, _)| starts(start)).map(|(_, code)| code)
    }
}

/// Spellings that differ in case or Unicode form only become the same.
pub(crate) fn fold(text: &str) -> String {
    text.trim().nfc().collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn land_use() -> CodeList {
        let code = |key: &str, from: &[&str], from_start: &[&str]| {
            let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
            let (vi, en) = (key.to_owned(), key.to_owned());
            let (from, from_start) = (texts(from), texts(from_start));
            let value = CodeValue { vi, en, color: None, icon: None, from, from_start };
            (key.to_owned(), value)
        };
        CodeList::new(&BTreeMap::from([
            code("ONT", &["Đất ở tại nông thôn", "NT/O"], &[]),
            code("CLN", &["Đất trồng cây lâu năm"], &["Cây"]),
            code("LUC", &[], &[]),
        ]))
    }

    #[test]
    fn every_separator_of_sources_becomes_ours_in_the_order_of_the_source() {
        for text in
            ["ONT+CLN", "ont, cln", "ONT;CLN", "ONT / CLN", "ONT|CLN", "ONT CLN", "+ONT+ CLN;"]
        {
            assert_eq!(land_use().find_several(text).as_deref(), Ok("ONT+CLN"), "{text}");
        }
        assert_eq!(land_use().find_several("LUC+ONT CLN").as_deref(), Ok("LUC+ONT+CLN"));
        assert_eq!(land_use().find_several("CLN+ONT").as_deref(), Ok("CLN+ONT"));
    }

    #[test]
    fn a_code_that_is_said_twice_stands_once_where_it_was_said_first() {
        let found = land_use().find_several("CLN+ONT+cln+Đất ở tại nông thôn");
        assert_eq!(found.as_deref(), Ok("CLN+ONT"));
    }

    #[test]
    fn a_spelling_with_blanks_or_separators_is_one_code() {
        for (text, codes) in [
            ("Đất ở tại nông thôn", "ONT"),
            ("nt/o", "ONT"),
            ("đất ở tại nông thôn, Đất trồng cây lâu năm", "ONT+CLN"),
            ("Cây ăn quả; LUC", "CLN+LUC"),
        ] {
            assert_eq!(land_use().find_several(text).as_deref(), Ok(codes), "{text}");
        }
    }

    #[test]
    fn the_part_that_is_no_code_is_named() {
        for (text, part) in
            [("ONT+XYZ+ABC", "XYZ"), ("ONT XYZ", "XYZ"), ("LUC, đất lạ", "đất lạ"), (" + ", " + ")]
        {
            assert_eq!(land_use().find_several(text), Err(part), "{text}");
        }
    }
}
