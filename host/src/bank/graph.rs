//! An approximate index of one owner's memories: graphs that lead from any embedding to its nearest.
//!
//! The graphs are those of DiskANN (Subramanya et al., 2019; Singh et al., "FreshDiskANN", 2021; deletion
//! by Xu et al., "In-place updates of a graph index", 2025) over the same bytes that the bank keeps,
//! by cosine. They only name candidates; what those score is for the bank to compute. Threads that build a
//! graph together leave different ones in different runs.

use diskann::ANNError;
use diskann::graph::config::{Builder, MaxDegree as Most};
use diskann::graph::search::Knn;
use diskann::graph::{DiskANNIndex, InplaceDeleteMethod};
use diskann::neighbor::Neighbor;
use diskann::provider::DataProvider;
use diskann_inmem::num::{Capacity, MaxDegree};
use diskann_inmem::repr::full::{Config, Full};
use diskann_inmem::{Context, Provider, Strategy};
use diskann_utils::views::rowmajor;
use diskann_vector::distance::Metric;
use futures_util::FutureExt;
use memt_core::embedding::{DIMENSIONS, Embedding};
use memt_core::slot::Key;
use rayon::prelude::*;

/// Edges that a memory keeps, and that it may have until the next pruning (DiskANN's slack of 1.3).
const DEGREE: usize = 32;
const MOST_DEGREE: usize = 41;

/// Memories that are looked at for the edges of a new one.
const BUILD_LIST: usize = 100;

/// Edges that close the gap of a memory that goes, and how it is looked for.
const REPLACED: usize = 3;
const DELETION: InplaceDeleteMethod = InplaceDeleteMethod::VisitedAndTopK {
    k_value: 32,
    l_value: BUILD_LIST,
};

/// Memories for which a graph has room at least.
const ROOM: usize = 1 << 12;

/// The share of what there is for which a further graph has room, so that there are never many.
const GROWTH: usize = 4;

/// What went wrong inside a graph.
pub(super) type GraphError = ANNError;

type Index = DiskANNIndex<Provider<Full<i8>, Key>>;

/// Graphs with room for a fixed number of memories each, together one index.
#[derive(Default)]
pub(super) struct Graphs {
    graphs: Vec<Graph>,
}

struct Graph {
    index: Index,
    room: usize,
    /// Memories that were ever taken in.
    taken: usize,
}

impl Graphs {
    /// Whether there is an index at all.
    pub(super) fn are_used(&self) -> bool {
        !self.graphs.is_empty()
    }

    /// Takes memories in, which are the first of `coming`.
    pub(super) fn insert(
        &mut self,
        memories: &[(Key, &Embedding)],
        coming: usize,
    ) -> Result<(), GraphError> {
        let mut left = memories;
        while !left.is_empty() {
            if self.graphs.last().is_none_or(Graph::is_full) {
                let there: usize = self.graphs.iter().map(|graph| graph.room).sum();
                let room = coming.max(there / GROWTH).max(ROOM);
                self.graphs.push(Graph::new(left, room)?);
            }
            let Some(graph) = self.graphs.last_mut() else {
                break;
            };
            let (now, later) = left.split_at(left.len().min(graph.room - graph.taken));
            graph.insert(now)?;
            left = later;
        }
        Ok(())
    }

    /// Takes a memory out; does nothing if it is not in.
    pub(super) fn remove(&mut self, key: Key) -> Result<(), GraphError> {
        let having = self.graphs.iter().find(|graph| graph.has(key));
        having.map_or(Ok(()), |graph| graph.remove(key))
    }

    /// Up to `count` memories of each graph that lie nearest to a direction.
    pub(super) fn nearest(
        &self,
        direction: &Embedding,
        count: usize,
    ) -> Result<Vec<Key>, GraphError> {
        let mut keys = Vec::with_capacity(count);
        for graph in &self.graphs {
            graph.nearest(direction, count, &mut keys)?;
        }
        Ok(keys)
    }
}

impl Graph {
    /// A graph without memories. Searches start at the mean of these.
    fn new(memories: &[(Key, &Embedding)], room: usize) -> Result<Self, GraphError> {
        let mut sums = [0; DIMENSIONS];
        for (_, embedding) in memories {
            for (sum, &component) in sums.iter_mut().zip(&embedding.0) {
                *sum += i32::from(component);
            }
        }
        let start = Embedding::of_sums(&sums);
        let config = Config::new(
            Capacity::new(room),
            MaxDegree::new(MOST_DEGREE),
            Metric::Cosine,
            rowmajor::Owned::row_vector(start.0.as_slice().into()),
        )?;
        let provider = Provider::new(config)?;
        let most = Most::new(MOST_DEGREE);
        let config = Builder::new(DEGREE, most, BUILD_LIST, Metric::Cosine.into()).build()?;
        Ok(Self {
            index: DiskANNIndex::new(config, provider, None),
            room,
            taken: 0,
        })
    }

    fn is_full(&self) -> bool {
        self.taken == self.room
    }

    fn has(&self, key: Key) -> bool {
        self.index.provider().to_internal_id(&Context, &key).is_ok()
    }

    fn insert(&mut self, memories: &[(Key, &Embedding)]) -> Result<(), GraphError> {
        memories.par_iter().try_for_each(|(key, embedding)| {
            at_once(
                self.index
                    .insert(&Strategy, &Context, key, &embedding.0[..]),
            )
        })?;
        self.taken += memories.len();
        Ok(())
    }

    fn remove(&self, key: Key) -> Result<(), GraphError> {
        at_once(
            self.index
                .inplace_delete(Strategy, &Context, &key, REPLACED, DELETION),
        )
    }

    fn nearest(
        &self,
        direction: &Embedding,
        count: usize,
        keys: &mut Vec<Key>,
    ) -> Result<(), GraphError> {
        let mut found: Vec<Neighbor<Key>> = Vec::with_capacity(count);
        let search = Knn::new(count, None)?;
        let query = &direction.0[..];
        at_once(
            self.index
                .search(search, &Strategy, &Context, query, &mut found),
        )?;
        keys.extend(found.iter().map(|neighbor| *neighbor.id()));
        Ok(())
    }
}

/// What is in memory never waits.
fn at_once<T>(work: impl Future<Output = Result<T, GraphError>>) -> Result<T, GraphError> {
    let waits = || ANNError::message("an index in memory waits for something");
    work.now_or_never().ok_or_else(waits)?
}

impl core::fmt::Debug for Graphs {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let memories = self.graphs.iter().map(|graph| graph.taken);
        formatter.debug_list().entries(memories).finish()
    }
}
