//! What the real streets say: numbers measured by `bench/synthetic_shape.py`, and those chosen.
//!
//! Measured in the OpenStreetMap extract of Hải Châu (data/danang/haichau.osm.pbf, March 2026;
//! highways that carry vehicles, cut at shared nodes): see docs/synthetic.md for the figures. The
//! extract shows the dense centre alone, so what is said of villages and fields is chosen, not
//! learnt.

/// What is built in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockKind {
    /// Narrow houses, alleys between the rows.
    Town,
    /// Wider plots at the town's edge.
    Suburb,
    /// Houses with gardens.
    Village,
    /// Fields and groves, tracks around them.
    Field,
    /// One large use: a school, a market, a factory.
    Site,
}

/// How the plots of a block are cut, metres.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) width_m: (f64, f64),
    pub(crate) depth_m: (f64, f64),
    pub(crate) alley_m: (f64, f64),
    /// Distance of two side alleys of an alley.
    pub(crate) passage_every_m: f64,
    /// Share of plots with a building.
    pub(crate) built: f64,
}

impl BlockKind {
    /// The rule of its plots.
    pub(crate) const fn rule(self) -> Rule {
        match self {
            Self::Town => Rule {
                width_m: (4.4, 5.8),
                depth_m: (15.0, 20.0),
                alley_m: (1.8, 3.3),
                passage_every_m: 85.0,
                built: 0.95,
            },
            Self::Suburb => Rule {
                width_m: (6.5, 9.5),
                depth_m: (19.0, 24.0),
                alley_m: (2.2, 3.4),
                passage_every_m: 42.0,
                built: 0.8,
            },
            Self::Village => Rule {
                width_m: (11.0, 17.0),
                depth_m: (22.0, 32.0),
                alley_m: (2.4, 3.4),
                passage_every_m: 55.0,
                built: 0.72,
            },
            Self::Field => Rule {
                width_m: (30.0, 46.0),
                depth_m: (34.0, 44.0),
                alley_m: (2.2, 3.0),
                passage_every_m: 1e9,
                built: 0.015,
            },
            Self::Site => Rule {
                width_m: (45.0, 80.0),
                depth_m: (60.0, 120.0),
                alley_m: (3.0, 3.4),
                passage_every_m: 1e9,
                built: 0.95,
            },
        }
    }
}

/// Width of a column of blocks and length of a block in slots of a lattice edge (20 m), at the
/// densest and at the loosest. The blocks of the extract: see docs/synthetic.md.
pub(crate) const COLUMN_SLOTS: (f64, f64) = (4.3, 4.6);
pub(crate) const ROW_SLOTS: (f64, f64) = (4.4, 5.3);

/// From this urbanity on blocks are of very different sizes, as in the extract.
pub(crate) const TOWN: f64 = 0.3;

/// Lengths of the parts of a town cell's edge beside each other's, each as likely as the others.
pub(crate) const PARTS: [f64; 8] = [0.3, 0.42, 0.56, 0.75, 1.0, 1.35, 1.9, 2.9];

/// How much of what a column of a town is wider than the mean its blocks are longer, too.
pub(crate) const ALIKE: f64 = 0.6;

/// Share of alleys that lead through their block, where there is a street behind it.
pub(crate) const THROUGH: f64 = 0.7;

/// Parcels of a fully settled cell in open country and in town: fitted to what grows, for choosing how
/// many cells a scale needs.
pub(crate) const PARCELS_PER_CELL: (f64, f64) = (130.0, 1_400.0);

/// Parcels at scale 1.
pub(crate) const PARCELS: f64 = 3_000_000.0;

/// Vehicles at scale 1.
pub(crate) const VEHICLES: f64 = 2_000.0;

/// Share of junctions with a turn restriction, as the issue asks; the corners of the lattice have
/// none, which the others make up for.
pub(crate) const RESTRICTED: f64 = 0.0203;

/// Share of the alleys that begin at a street with a bollard behind their mouth; chosen, the extract
/// has none.
pub(crate) const BOLLARDS: f64 = 0.03;

/// Share of features with a flaw on purpose.
pub(crate) const FLAWED: f64 = 0.001;
