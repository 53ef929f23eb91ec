//! Colours.

/// Red, green, blue, alpha, each of 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Color(pub(crate) [u8; 4]);

impl Color {
    pub(crate) const WHITE: Self = Self([255; 4]);

    /// Reads `#rrggbb`, which is how palettes and code lists spell colours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits =
            text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let part = |from: usize| u8::from_str_radix(&digits[from..from + 2], 16).ok();
        Some(Self([part(0)?, part(2)?, part(4)?, 255]))
    }

    /// The colour, seen through to the other part.
    pub(crate) fn with_opacity(self, opacity: f64) -> Self {
        let Self([red, green, blue, _]) = self;
        Self([red, green, blue, (opacity.clamp(0.0, 1.0) * 255.0).round() as u8])
    }

    /// As documents of QGIS spell it.
    pub(crate) fn qgis(self) -> String {
        let Self([red, green, blue, alpha]) = self;
        format!("{red},{green},{blue},{alpha}")
    }
}
