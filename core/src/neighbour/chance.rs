//! How like each other passages are that have nothing to do with each other, and so what a similarity says.

use serde::{Deserialize, Serialize};

use super::Spread;

/// The best similarity that a passage has by chance among those of a registry: the greatest of many, and so a Gumbel
/// distribution (Gumbel 1958), fitted by its moments.
///
/// A passage's similarity to its nearest neighbour is held against it, as Karlin and Altschul hold the score of an alignment
/// against that of chance: the E-value is how many passages of an output must be expected to have so near a neighbour that says
/// nothing of the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chance {
    /// Where most of the best similarities lie.
    pub location: f64,
    /// How far they are spread.
    pub scale: f64,
    /// How many passages it was fitted on.
    pub sample: usize,
}

/// Euler's constant: of a Gumbel distribution the mean lies so many scales above the location.
const EULER: f64 = 0.577_215_664_901_532_9;
/// Of fewer passages the spread says nothing.
const FEWEST: usize = 20;

impl Chance {
    /// What is said where too few passages are there to say more: vectors of sentences in one language that have nothing to
    /// do with each other are seldom more like each other than this.
    pub const UNKNOWN: Self = Self { location: 0.45, scale: 0.06, sample: 0 };

    /// Fitted to the best similarities of passages with nothing in common.
    #[must_use]
    pub fn fit(best: &[f64]) -> Self {
        if best.len() < FEWEST {
            return Self::UNKNOWN;
        }
        let count = best.len() as f64;
        let mean = best.iter().sum::<f64>() / count;
        let variance = best.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (count - 1.0);
        // The variance of a Gumbel distribution is (pi * scale)^2 / 6.
        let scale = ((6.0 * variance).sqrt() / std::f64::consts::PI).max(1e-3);
        Self { location: mean - EULER * scale, scale, sample: best.len() }
    }

    /// How many of `passages` must be expected to have a neighbour of this similarity by chance.
    #[must_use]
    pub fn evalue(&self, similarity: f64, passages: usize) -> f64 {
        passages as f64 * (-(similarity - self.location) / self.scale).exp()
    }

    /// How probable it is that a passage's nearest neighbour at this similarity is a paraphrase, where of passages one in two has
    /// one among the works: Bayes' rule, with how alike `paraphrases` are. Nearer is never less probable.
    #[must_use]
    pub fn probability(&self, similarity: f64, paraphrases: Spread) -> f64 {
        let z = (similarity - self.location) / self.scale;
        // Below the mode of chance and above the mean of paraphrases the ratio of the two densities says the opposite of what it
        // should, which their tails do not know.
        let z = z.max(0.0);
        let by_chance = (-z - (-z).exp()).exp() / self.scale;
        let paraphrase = paraphrases.density(similarity.min(f64::from(paraphrases.mean) / 1000.0));
        paraphrase / (paraphrase + by_chance)
    }

    /// The similarity that has this E-value.
    #[must_use]
    pub fn similarity(&self, evalue: f64, passages: usize) -> f64 {
        self.location - self.scale * (evalue / passages.max(1) as f64).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gumbel_distribution_is_found_again() {
        let (location, scale) = (0.5, 0.04);
        let quantile = |p: f64| location - scale * (-p.ln()).ln();
        let best: Vec<f64> = (1..2000).map(|k| quantile(f64::from(k) / 2000.0)).collect();
        let chance = Chance::fit(&best);
        assert!((chance.location - location).abs() < 0.002, "{chance:?}");
        assert!((chance.scale - scale).abs() < 0.002, "{chance:?}");
        // Of the greatest hundredth, one in a hundred.
        let evalue = chance.evalue(quantile(0.99), 1);
        assert!((0.008..0.013).contains(&evalue), "{evalue}");
        assert!((chance.similarity(0.01, 1) - quantile(0.99)).abs() < 0.01);
    }

    #[test]
    fn nearer_is_never_less_probable() {
        let chance = Chance { location: 0.5, scale: 0.05, sample: 100 };
        let spread = Spread { mean: 750, deviation: 100 };
        let all: Vec<f64> = (0..=100).map(|k| chance.probability(f64::from(k) / 100.0, spread)).collect();
        assert!(all.is_sorted(), "{all:?}");
        assert!(all[40] < 0.1 && all[90] > 0.95, "{all:?}");
    }

    #[test]
    fn few_passages_say_nothing() {
        assert_eq!(Chance::fit(&[0.4; 3]), Chance::UNKNOWN);
        assert!(Chance::fit(&[0.4; 300]).scale > 0.0);
    }
}
