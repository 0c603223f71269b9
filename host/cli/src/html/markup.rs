//! Markup into which nothing of a stranger's can get unescaped.

use holobiont_core::printable;

/// A stranger's text as it may stand in HTML and SVG, between tags and in quoted attributes: made printable, then
/// the characters that mean something there become entities.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// A piece of a page. Markup comes in as literals of this program only; all else is escaped on its way in.
#[derive(Clone, Debug, Default)]
pub(super) struct Html(String);

/// Attributes of an element: names are literals, values are escaped.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Html {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Markup of our own.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Anybody's text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.0.push_str(&escape(text));
        self
    }

    /// Opens an element.
    pub(super) fn open(&mut self, tag: &'static str, attributes: Attributes<'_>) -> &mut Self {
        self.raw("<").raw(tag);
        for (name, value) in attributes {
            self.raw(" ").raw(name).raw("=\"").text(value).raw("\"");
        }
        self.raw(">")
    }

    /// Closes an element.
    pub(super) fn close(&mut self, tag: &'static str) -> &mut Self {
        self.raw("</").raw(tag).raw(">\n")
    }

    /// An element with text in it.
    pub(super) fn element(&mut self, tag: &'static str, attributes: Attributes<'_>, text: &str) -> &mut Self {
        self.open(tag, attributes).text(text).raw("</").raw(tag).raw(">")
    }

    /// A name that a stranger gave: set apart, so that its direction of writing does not move what stands beside it.
    pub(super) fn name(&mut self, name: &str, full: &str) -> &mut Self {
        if name == full { self.element("bdi", &[], name) } else { self.element("bdi", &[("title", full)], name) }
    }

    /// Opens what is scrolled sideways where it is too wide, also by keyboard; `label` says what is in it.
    pub(super) fn scroll(&mut self, label: &str) -> &mut Self {
        self.open("div", &[("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", label)])
    }

    /// Another piece.
    pub(super) fn append(&mut self, other: &Self) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    /// What the drawing library made, without its opening tag, which is ours: it carries what the picture says.
    pub(super) fn drawing(&mut self, size: (u32, u32), label: &str, drawn: &str) -> &mut Self {
        let (width, height) = (size.0.to_string(), size.1.to_string());
        let view = format!("0 0 {width} {height}");
        self.open(
            "svg",
            &[("viewBox", &view), ("width", &width), ("height", &height), ("role", "img"), ("aria-label", label)],
        );
        self.0.push_str(drawn.split_once(">\n").map_or("</svg>\n", |(_, rest)| rest));
        self
    }

    /// A sheet of styles that this program wrote.
    pub(super) fn style(&mut self, sheet: &super::palette::Sheet) -> &mut Self {
        self.0.push_str(sheet.as_str());
        self
    }

    /// The text of the page.
    pub(super) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a reader of HTML makes of the five entities.
    fn unescape(text: &str) -> String {
        let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
        entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
    }

    proptest! {
        #[test]
        fn nothing_escaped_means_anything(text in any::<String>()) {
            let safe = escape(&text);
            prop_assert!(!safe.contains(['<', '>', '"', '\'']));
            for (place, _) in safe.match_indices('&') {
                prop_assert!(["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"].iter().any(|e| safe[place..].starts_with(e)));
            }
            prop_assert_eq!(unescape(&safe), printable(&text));
        }

        #[test]
        fn an_element_holds_its_texts(text in "[<>&\"' a-z/=]{0,20}", title in "[<>&\"' a-z/=]{0,20}") {
            let mut html = Html::new();
            let made = html.element("td", &[("title", &title)], &text).clone().into_string();
            prop_assert_eq!(made, format!("<td title=\"{}\">{}</td>", escape(&title), escape(&text)));
        }
    }
}
