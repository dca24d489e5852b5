//! Everything a run reads, once.

use crate::TrainError;
use crate::corpus::pairs;
use crate::corpus::teacher::{TeacherTexts, TeacherWords};
use crate::descent::{Material, Origin};
use crate::paths::Paths;
use crate::recipe::Recipe;
use crate::vocabulary::{KnownWords, TextStore};

/// Words, texts and pairs, ready to learn from.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) known: KnownWords,
    pub(super) words: TeacherWords,
    pub(super) material: Material,
}

impl Prepared {
    pub(super) fn read(recipe: &Recipe, paths: &Paths) -> Result<Self, TrainError> {
        let words = TeacherWords::read(&paths.teacher())?;
        let known = KnownWords::select(&words.words, &recipe.model)?;
        let material = read_material(recipe, paths, &known)?;
        Ok(Self {
            known,
            words,
            material,
        })
    }
}

fn read_material(
    recipe: &Recipe,
    paths: &Paths,
    known: &KnownWords,
) -> Result<Material, TrainError> {
    let table = known
        .table()
        .map_err(|error| TrainError::Recipe(error.to_string()))?;
    let ngrams = recipe.model.ngrams;
    let mut teacher = TeacherTexts::read(&paths.teacher())?;
    for folder in &recipe.texts {
        teacher.append(&TeacherTexts::read(folder)?);
    }
    let lines: Vec<&str> = teacher.text.lines().collect();
    let texts = TextStore::of(&lines, table, ngrams);
    let pairs = if recipe
        .stages
        .iter()
        .any(|stage| stage.contrastive.is_some())
    {
        pairs::read(&paths.data.join("pairs.jsonl.zst"))?
    } else {
        Vec::new()
    };
    let (pair_texts, negatives) = flatten(&pairs);
    let origins = pairs.iter().map(|pair| Origin {
        source: pair.source.clone(),
        kind: pair.kind.clone(),
    });
    Ok(Material {
        texts,
        vectors: teacher.vectors,
        pair_texts: TextStore::of(&pair_texts, table, ngrams),
        negatives,
        origins: origins.collect(),
    })
}

/// All a, all b, all hard negatives, and the place of each pair's negative.
fn flatten(pairs: &[pairs::Pair]) -> (Vec<&str>, Vec<Option<u32>>) {
    let mut texts: Vec<&str> = pairs.iter().map(|pair| pair.a.as_str()).collect();
    texts.extend(pairs.iter().map(|pair| pair.b.as_str()));
    let mut negatives = Vec::with_capacity(pairs.len());
    for pair in pairs {
        negatives.push(pair.neg.as_deref().map(|negative| {
            texts.push(negative);
            texts.len() as u32 - 1
        }));
    }
    (texts, negatives)
}
