//! A map as an SVG.

use super::colours::{KINDS, OTHER, scale};
use super::map::{Map, Point};
use super::xml::{Xml, shortened};
use crate::bank::Bank;
use crate::clock;
use memt_core::slot::{Factor, Facts, Owner};
use std::collections::HashMap;
use std::fmt::{self, Write};

/// What the colour of a memory says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Colouring {
    /// Which cluster it is in
    #[default]
    Cluster,
    /// Whose it is
    Owner,
    /// When it was written
    Age,
    /// How well it is rehearsed
    Strength,
}

const SIDE: f32 = 760.0;
const MARGIN: f32 = 24.0;
const LEGEND: f32 = 240.0;
const LINE: f32 = 20.0;

/// A picture of `map`, whose memories are in `bank`.
pub fn draw_map(
    map: &Map,
    bank: &Bank,
    owner_name: impl Fn(Owner) -> String,
    colouring: Colouring,
) -> Result<String, fmt::Error> {
    let palette = Palette::of(map, bank, &owner_name, colouring);
    let (width, height) = (SIDE + 2.0 * MARGIN + LEGEND, SIDE + 2.0 * MARGIN);
    let mut out = String::new();
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">"#
    )?;
    writeln!(out, r##"<rect width="100%" height="100%" fill="#fff"/>"##)?;
    let radius = if map.points.len() > 1_000 { 2.5 } else { 4.5 };
    for point in &map.points {
        draw_point(&mut out, point, bank, &owner_name, &palette, radius)?;
    }
    for cluster in &map.clusters {
        let (x, y) = (MARGIN + SIDE * cluster.x, MARGIN + SIDE * cluster.y);
        let words = cluster.words.join(", ");
        writeln!(
            out,
            r##"<text x="{x:.1}" y="{y:.1}" text-anchor="middle" font-weight="bold" fill="#222" stroke="#fff" stroke-width="4" paint-order="stroke">{}</text>"##,
            Xml(&words)
        )?;
    }
    draw_legend(&mut out, &palette)?;
    writeln!(out, "</svg>")?;
    Ok(out)
}

fn draw_point(
    out: &mut String,
    point: &Point,
    bank: &Bank,
    owner_name: impl Fn(Owner) -> String,
    palette: &Palette,
    radius: f32,
) -> fmt::Result {
    let Some(slot) = bank.get(point.key) else {
        return Ok(());
    };
    let (x, y) = (MARGIN + SIDE * point.x, MARGIN + SIDE * point.y);
    let colour = palette.colour(point, slot.facts);
    let owner = owner_name(slot.facts.owner);
    let created = clock::format(slot.facts.created);
    writeln!(
        out,
        r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius}" fill="{colour}" fill-opacity="0.8"><title>{} ({}, {created}, key {})</title></circle>"#,
        Xml(&shortened(slot.text)),
        Xml(&owner),
        point.key
    )
}

fn draw_legend(out: &mut String, palette: &Palette) -> fmt::Result {
    let x = SIDE + 2.0 * MARGIN;
    for (line, (colour, name)) in palette.legend.iter().enumerate() {
        let y = MARGIN + LINE * (line as f32 + 1.0);
        writeln!(
            out,
            r##"<circle cx="{x}" cy="{}" r="6" fill="{colour}"/><text x="{}" y="{y}" fill="#222">{}</text>"##,
            y - 4.5,
            x + 14.0,
            Xml(name)
        )?;
    }
    Ok(())
}

/// Colours and what they mean.
struct Palette {
    colouring: Colouring,
    owners: HashMap<Owner, &'static str>,
    /// Oldest and newest.
    times: (u32, u32),
    legend: Vec<(String, String)>,
}

/// Rows of a legend of a scale.
const STOPS: u32 = 4;

impl Palette {
    fn of(
        map: &Map,
        bank: &Bank,
        owner_name: impl Fn(Owner) -> String,
        colouring: Colouring,
    ) -> Self {
        let facts: Vec<Facts> = map
            .points
            .iter()
            .filter_map(|point| Some(*bank.get(point.key)?.facts))
            .collect();
        let times = facts.iter().map(|facts| facts.created.0);
        let times = times.fold((u32::MAX, 0), |(low, high), time| {
            (low.min(time), high.max(time))
        });
        let mut palette = Self {
            colouring,
            owners: HashMap::new(),
            times,
            legend: Vec::new(),
        };
        match colouring {
            Colouring::Cluster => palette.name_clusters(map),
            Colouring::Owner => palette.name_owners(&facts, owner_name),
            Colouring::Age if !facts.is_empty() => palette.name_stops(|share| {
                let seconds = f64::from(share) * f64::from(times.1 - times.0);
                clock::format(memt_core::slot::Timestamp(times.0 + seconds as u32))
            }),
            Colouring::Strength => {
                palette.name_stops(|share| format!("strength {:.2}", 1.0 + share));
            }
            Colouring::Age => {}
        }
        palette
    }

    fn name_clusters(&mut self, map: &Map) {
        for (number, cluster) in map.clusters.iter().enumerate() {
            let name = format!("{} ({})", cluster.words.join(", "), cluster.size);
            let colour = KINDS.get(number).unwrap_or(&OTHER);
            self.legend.push(((*colour).to_owned(), name));
        }
    }

    /// The owners of most memories have colours of their own.
    fn name_owners(&mut self, facts: &[Facts], owner_name: impl Fn(Owner) -> String) {
        let mut counts: HashMap<Owner, usize> = HashMap::new();
        for facts in facts {
            *counts.entry(facts.owner).or_default() += 1;
        }
        let mut counts: Vec<(Owner, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|&(owner, count)| (std::cmp::Reverse(count), owner));
        for (&(owner, count), colour) in counts.iter().zip(KINDS) {
            self.owners.insert(owner, colour);
            let name = format!("{} ({count})", owner_name(owner));
            self.legend.push((colour.to_owned(), name));
        }
        let rest = counts.iter().skip(KINDS.len());
        let (owners, memories) = rest.fold((0, 0), |(n, sum), (_, count)| (n + 1, sum + count));
        if owners > 0 {
            let name = format!("{owners} others ({memories})");
            self.legend.push((OTHER.to_owned(), name));
        }
    }

    fn name_stops(&mut self, name: impl Fn(f32) -> String) {
        for stop in 0..=STOPS {
            let share = stop as f32 / STOPS as f32;
            self.legend.push((scale(share), name(share)));
        }
    }

    fn colour(&self, point: &Point, facts: &Facts) -> String {
        match self.colouring {
            Colouring::Cluster => (*KINDS.get(point.cluster).unwrap_or(&OTHER)).to_owned(),
            Colouring::Owner => {
                let colour = self.owners.get(&facts.owner);
                (*colour.unwrap_or(&OTHER)).to_owned()
            }
            Colouring::Age => {
                let (oldest, newest) = self.times;
                let span = (newest - oldest).max(1);
                scale((facts.created.0 - oldest) as f32 / span as f32)
            }
            Colouring::Strength => scale(facts.strength.to_f32() - Factor::ONE.to_f32()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::OwnedSlot;
    use memt_core::embedding::Embedding;
    use memt_core::encoder::Fingerprint;
    use memt_core::slot::Timestamp;
    use memt_core::write::NewMemory;

    #[test]
    fn every_memory_is_drawn_and_none_is_obeyed() {
        let mut bank = Bank::new();
        bank.bind(Fingerprint(1)).unwrap();
        for time in 0..30u32 {
            let mut embedding = Embedding([1; 128]);
            embedding.0[time as usize % 7] = 127;
            let new = NewMemory {
                owner: Owner(u64::from(time % 14)),
                text: "</title><script>alert(1)</script>",
                embedding: &embedding,
                created: Timestamp(time * 1_000),
                importance: Factor::ONE,
            };
            bank.write(OwnedSlot::of(&new, &[]).unwrap()).unwrap();
        }
        let map = Map::of(&bank, None, usize::MAX);
        let names = |owner: Owner| format!("<{}>", owner.0);
        for colouring in [
            Colouring::Cluster,
            Colouring::Owner,
            Colouring::Age,
            Colouring::Strength,
        ] {
            let picture = draw_map(&map, &bank, names, colouring).unwrap();
            assert_eq!(picture.matches("<title>").count(), 30, "{colouring:?}");
            assert!(!picture.contains("<script"), "{colouring:?}");
            assert!(picture.ends_with("</svg>\n"));
        }
        let owners = draw_map(&map, &bank, names, Colouring::Owner).unwrap();
        assert!(owners.contains("&lt;0&gt; (3)") && owners.contains("2 others (4)"));
        let none = draw_map(&Map::default(), &bank, names, Colouring::Age);
        assert!(none.unwrap().contains("<rect"));
    }
}
