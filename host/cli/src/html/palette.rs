//! Colours, by what they mean. Drawings hold the colour for light paper; a sheet of styles says by which variable each
//! is replaced, so that one drawing serves light paper, dark paper and print.

use std::fmt::Write as _;

use plotters::style::RGBColor;

/// A colour on light and on dark paper. No two have the same light colour: that is what they are known by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tone {
    name: &'static str,
    light: u32,
    dark: u32,
}

impl Tone {
    const fn new(name: &'static str, light: u32, dark: u32) -> Self {
        Self { name, light, dark }
    }

    /// As the drawing library wants it.
    pub(super) fn rgb(self) -> RGBColor {
        let [_, red, green, blue] = self.light.to_be_bytes();
        RGBColor(red, green, blue)
    }
}

/// What everything lies on.
pub(super) const PAPER: Tone = Tone::new("paper", 0xFF_FF_FF, 0x14_19_20);
/// Text and what matters.
pub(super) const INK: Tone = Tone::new("ink", 0x1A_21_29, 0xE8_EC_F1);
/// Text that can be passed over.
pub(super) const SOFT: Tone = Tone::new("soft", 0x52_5D_6B, 0xA9_B4_C2);
/// Lines of a grid.
pub(super) const GRID: Tone = Tone::new("grid", 0xDD_E3_E9, 0x31_3A_46);
/// Axes and lines from a label to what it names.
pub(super) const AXIS: Tone = Tone::new("axis", 0x84_90_9E, 0x74_81_92);
/// Better.
pub(super) const GOOD: Tone = Tone::new("good", 0x00_6D_77, 0x5F_D0_C5);
/// Worse.
pub(super) const BAD: Tone = Tone::new("bad", 0xB0_3A_0E, 0xFF_A2_75);
/// Neither.
pub(super) const NEUTRAL: Tone = Tone::new("neutral", 0x56_60_70, 0xA5_AF_BE);
/// The group.
pub(super) const GROUP: Tone = Tone::new("group", 0x45_36_C8, 0xB0_AC_FF);

/// Lines of single modules, by turns; what tells them apart as well is the shape of their marks.
pub(super) const SERIES: [Tone; 6] = [
    Tone::new("series-1", 0x00_72_B2, 0x6C_BD_F0),
    Tone::new("series-2", 0xA6_54_00, 0xF0_A8_58),
    Tone::new("series-3", 0x00_7A_57, 0x55_CF_A4),
    Tone::new("series-4", 0xA8_37_7E, 0xEF_95_CC),
    Tone::new("series-5", 0x6B_5E_00, 0xD8_C8_54),
    Tone::new("series-6", 0x5C_4A_3D, 0xC9_B4_A4),
];

/// Cells of a heat map from least to most, and the text on each.
pub(super) const HEAT: [(Tone, Tone); 7] = [
    (Tone::new("heat-1", 0x8A_2D_0A, 0xF2_95_68), Tone::new("on-heat-1", 0xFF_F8_F5, 0x1C_0A_02)),
    (Tone::new("heat-2", 0xE3_99_75, 0x9A_45_20), Tone::new("on-heat-2", 0x2A_10_05, 0xFF_F3_ED)),
    (Tone::new("heat-3", 0xF8_E0_D4, 0x4A_2C_20), Tone::new("on-heat-3", 0x3A_18_08, 0xFF_E6_DA)),
    (Tone::new("heat-4", 0xEE_F0_F3, 0x27_2E_37), Tone::new("on-heat-4", 0x20_28_31, 0xE2_E7_ED)),
    (Tone::new("heat-5", 0xD2_EC_EC, 0x1B_40_43), Tone::new("on-heat-5", 0x04_30_34, 0xD6_F5_F3)),
    (Tone::new("heat-6", 0x76_BF_C1, 0x1B_72_76), Tone::new("on-heat-6", 0x01_20_23, 0xF0_FE_FD)),
    (Tone::new("heat-7", 0x00_5A_63, 0x6A_D6_CB), Tone::new("on-heat-7", 0xF4_FE_FF, 0x02_1A_1C)),
];

fn all() -> impl Iterator<Item = Tone> {
    let plain = [PAPER, INK, SOFT, GRID, AXIS, GOOD, BAD, NEUTRAL, GROUP];
    plain.into_iter().chain(SERIES).chain(HEAT.into_iter().flat_map(|(cell, text)| [cell, text]))
}

/// A sheet of styles; only this file makes them.
#[derive(Debug)]
pub(super) struct Sheet(String);

impl Sheet {
    /// The sheet of the page: `style.css`, and the colours above.
    pub(super) fn of_page() -> Self {
        let variables = |dark: bool| {
            all().fold(String::new(), |mut css, tone| {
                let colour = if dark { tone.dark } else { tone.light };
                _ = write!(css, "--{}:#{colour:06X};", tone.name);
                css
            })
        };
        let mut css = format!(":root{{color-scheme:light dark;{}}}\n", variables(false));
        // Only a screen is dark.
        _ = writeln!(css, "@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}", variables(true));
        for tone in all() {
            let Tone { name, light, .. } = tone;
            _ = writeln!(css, "svg [fill=\"#{light:06X}\"]{{fill:var(--{name})}}");
            _ = writeln!(css, "svg [stroke=\"#{light:06X}\"]{{stroke:var(--{name})}}");
        }
        css.push_str(include_str!("style.css"));
        Self(css)
    }

    /// Its text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn luminance(colour: u32) -> f64 {
        let part = |shift: u32| {
            let share = f64::from(colour >> shift & 0xFF) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
    }

    fn contrast(a: u32, b: u32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn a_colour_is_known_by_its_light_one() {
        let lights: BTreeSet<u32> = all().map(|tone| tone.light).collect();
        assert_eq!(lights.len(), all().count());
    }

    #[test]
    fn text_can_be_read_on_light_and_dark_paper() {
        let on_paper = [INK, SOFT, GOOD, BAD, NEUTRAL, GROUP].into_iter().chain(SERIES).map(|tone| (PAPER, tone));
        for (paper, text) in on_paper.chain(HEAT) {
            for (paper, text) in [(paper.light, text.light), (paper.dark, text.dark)] {
                assert!(contrast(paper, text) >= 4.5, "{text:06X} on {paper:06X}: {:.2}", contrast(paper, text));
            }
        }
        for paper in [(PAPER.light, AXIS.light), (PAPER.dark, AXIS.dark)] {
            assert!(contrast(paper.0, paper.1) >= 3.0);
        }
    }
}
