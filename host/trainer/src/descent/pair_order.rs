//! The order in which pairs are learned from.

use super::batch::Origin;
use crate::random::{Order, Random};
use crate::recipe::ContrastiveRecipe;
use std::collections::BTreeMap;

/// Pairs of all sources in an endless sequence of rounds, each with as many pairs as there are.
///
/// A round takes from every source its share, shuffled; shards of one source stay together.
#[derive(Clone, Debug, Default)]
pub(crate) struct PairOrder {
    groups: Vec<Group>,
    /// Pairs that stay together.
    block: usize,
    /// Key of the order of blocks: seed and purpose.
    key: [u64; 2],
    round: Option<u64>,
    /// Pairs of the round.
    pairs: Vec<u32>,
}

/// Pairs that are drawn alike.
#[derive(Clone, Debug)]
struct Group {
    members: Vec<u32>,
    order: Order,
    /// Pairs that it gives to a round, a multiple of the block.
    share: usize,
}

/// A source with fewer shards than this is put together with others of its kind.
const FEWEST_SHARDS: usize = 8;

impl PairOrder {
    /// The order that `recipe` asks for.
    pub(crate) fn new(
        origins: &[Origin],
        recipe: &ContrastiveRecipe,
        seed: u64,
        purpose: u64,
    ) -> Self {
        let least = FEWEST_SHARDS * recipe.pairs;
        let members = match (recipe.one_source, recipe.balance == 1.0) {
            (false, true) => vec![(0..origins.len() as u32).collect()],
            (false, false) => by_origin(origins, 0),
            (true, _) => by_origin(origins, least),
        };
        let block = if recipe.one_source { recipe.pairs } else { 1 };
        let weight = |members: &Vec<u32>| (members.len() as f64).powf(recipe.balance.into());
        let total: f64 = members.iter().map(weight).sum();
        let groups = (0..)
            .zip(members)
            .map(|(number, members): (u64, Vec<u32>)| {
                let exact = origins.len() as f64 * weight(&members) / total;
                Group {
                    share: (exact / block as f64).round().max(1.0) as usize * block,
                    order: Order::new(members.len(), seed, purpose + (number << 32)),
                    members,
                }
            });
        Self {
            groups: groups.collect(),
            block,
            key: [seed, purpose],
            round: None,
            pairs: Vec::new(),
        }
    }

    /// The pairs at positions `start..start + count` of the endless sequence.
    pub(crate) fn take(&mut self, start: u64, count: usize) -> Vec<u32> {
        let length: usize = self.groups.iter().map(|group| group.share).sum();
        (start..start + count as u64)
            .map(|position| {
                self.enter(position / length as u64);
                self.pairs[(position % length as u64) as usize]
            })
            .collect()
    }

    fn enter(&mut self, round: u64) {
        if self.round == Some(round) {
            return;
        }
        self.round = Some(round);
        let mut pairs = Vec::new();
        for group in &mut self.groups {
            group.draw(round, self.block, &mut pairs);
        }
        if self.groups.len() == 1 && self.block == 1 {
            self.pairs = pairs;
            return;
        }
        let mut blocks: Vec<&[u32]> = pairs.chunks(self.block).collect();
        let [seed, purpose] = self.key;
        Random::keyed([seed, purpose, round]).shuffle(&mut blocks);
        self.pairs = blocks.concat();
    }
}

impl Group {
    /// Adds the pairs of a round. A block never holds pairs of two passes over the members, which
    /// could be the same: the rest of a pass that makes no block is left out.
    fn draw(&mut self, round: u64, block: usize, pairs: &mut Vec<u32>) {
        let blocks = (self.members.len() / block).max(1) as u64;
        let each = (self.share / block) as u64;
        for number in round * each..(round + 1) * each {
            let (pass, place) = (number / blocks, number % blocks);
            let start = pass * self.members.len() as u64 + place * block as u64;
            let drawn = self.order.take(start, block);
            pairs.extend(drawn.iter().map(|&index| self.members[index as usize]));
        }
    }
}

/// The pairs of every source with at least `least` of them, then those of all others by kind; kinds
/// with fewer are put together.
fn by_origin(origins: &[Origin], least: usize) -> Vec<Vec<u32>> {
    let large = |groups: BTreeMap<&str, Vec<u32>>| {
        let (large, small): (Vec<_>, Vec<_>) = groups
            .into_values()
            .partition(|members| members.len() >= least);
        (large, small.concat())
    };
    let mut groups: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (pair, origin) in (0..).zip(origins) {
        groups.entry(&origin.source).or_default().push(pair);
    }
    let (mut members, rest) = large(groups);
    let mut kinds: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for pair in rest {
        let kind = &origins[pair as usize].kind;
        kinds.entry(kind).or_default().push(pair);
    }
    let (large_kinds, rest) = large(kinds);
    members.extend(large_kinds);
    if !rest.is_empty() {
        members.push(rest);
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [(&str, &str, usize); 4] = [
        ("encyclopedia", "title", 640),
        ("questions", "qa", 160),
        ("notes", "title", 20),
        ("letters", "title", 60),
    ];

    fn origins() -> Vec<Origin> {
        let origin = |source: &str, kind: &str| Origin {
            source: source.to_owned(),
            kind: kind.to_owned(),
        };
        let groups = SIZES.into_iter();
        groups
            .flat_map(|(source, kind, size)| vec![origin(source, kind); size])
            .collect()
    }

    fn order(one_source: bool, balance: f32) -> PairOrder {
        let recipe = ContrastiveRecipe {
            shards: 2,
            pairs: 10,
            weight: 1.0,
            temperature: 0.1,
            one_source,
            balance,
        };
        PairOrder::new(&origins(), &recipe, 5, 1)
    }

    #[test]
    fn plain_rounds_visit_every_pair_once() {
        let mut pairs = order(false, 1.0).take(0, 880);
        pairs.sort_unstable();
        assert_eq!(pairs, (0..880).collect::<Vec<u32>>());
    }

    #[test]
    fn shards_of_one_source_hold_no_other_and_no_pair_twice() {
        let origins = origins();
        let pairs = order(true, 0.5).take(0, 2000);
        for shard in pairs.chunks(10) {
            let small = |pair: u32| ["notes", "letters"].contains(&&*origins[pair as usize].source);
            let alike = |pair: &u32| {
                origins[*pair as usize].source == origins[shard[0] as usize].source
                    || small(*pair) && small(shard[0])
            };
            assert!(shard.iter().all(alike));
            let mut once = shard.to_vec();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), shard.len());
        }
        assert_eq!(order(true, 0.5).take(990, 30), pairs[990..1020]);
    }

    #[test]
    fn balance_raises_the_share_of_small_sources() {
        let share = |balance: f32| {
            let pairs = order(false, balance).take(0, 880);
            pairs.iter().filter(|&&pair| pair < 640).count()
        };
        assert_eq!(share(1.0), 640);
        assert!((share(0.0) as i32 - 220).abs() <= 2, "{}", share(0.0));
    }
}
