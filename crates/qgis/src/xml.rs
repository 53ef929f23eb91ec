//! Writes XML.

use std::fmt::Write as _;

/// An element under construction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Element {
    name: String,
    attributes: String,
    content: String,
}

impl Element {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Adds an attribute.
    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        write!(self.attributes, " {name}=\"{}\"", escape(&value.to_string()))
            .expect("a String takes every write");
        self
    }

    /// Adds a text.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.content.push_str(&escape(text));
        self
    }

    /// Adds an element.
    pub(crate) fn child(mut self, child: Self) -> Self {
        self.content.push_str(&child.write());
        self
    }

    /// Adds elements in their order.
    pub(crate) fn children(self, children: impl IntoIterator<Item = Self>) -> Self {
        children.into_iter().fold(self, Self::child)
    }

    /// The text of the element.
    pub(crate) fn write(self) -> String {
        let Self { name, attributes, content } = self;
        if content.is_empty() {
            return format!("<{name}{attributes}/>\n");
        }
        format!("<{name}{attributes}>{content}</{name}>\n")
    }
}

/// An `Option` of Qt: a text.
pub(crate) fn option(name: &str, value: impl ToString) -> Element {
    Element::new("Option").with("name", name).with("type", "QString").with("value", value)
}

/// An `Option` of Qt: a map without a name.
pub(crate) fn map(members: impl IntoIterator<Item = Element>) -> Element {
    Element::new("Option").with("type", "Map").children(members)
}

/// An `Option` of Qt: a map under a name.
pub(crate) fn named_map(name: &str, members: impl IntoIterator<Item = Element>) -> Element {
    Element::new("Option").with("name", name).with("type", "Map").children(members)
}

/// Properties that an expression sets, by their names in QGIS.
pub(crate) fn data_defined<'a>(
    element: &str,
    properties: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Element {
    let property = |(name, expression): (&str, &str)| {
        let active = Element::new("Option").with("name", "active").with("type", "bool");
        let kind = Element::new("Option").with("name", "type").with("type", "int");
        named_map(
            name,
            [active.with("value", true), option("expression", expression), kind.with("value", 3)],
        )
    };
    let properties = properties.into_iter().map(property);
    Element::new(element).child(map([
        option("name", ""),
        named_map("properties", properties),
        option("type", "collection"),
    ]))
}

/// Characters that XML gives a meaning are spelled out; those that it forbids are left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            c if c < ' ' || c == '\u{fffe}' || c == '\u{ffff}' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_gives_a_meaning_is_spelled_out() {
        let element = Element::new("a").with("b", "<\"&\u{1}").text("x>y");
        assert_eq!(element.write(), "<a b=\"&lt;&quot;&amp;\">x&gt;y</a>\n");
    }
}
