//! Measured quality: how like its source a rendition is, and how much its encoder may spare at this title.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::afar::init_of;
use crate::chunk::Work;
use crate::command::{self, Made};
use crate::error::{MediaError, Result};
use crate::ladder::Rung;
use crate::plan::{ChunkPlan, Picture};
use crate::process::{self, Program, Run};
use crate::source::Source;

/// Steps by which the constant quality is lowered in trials.
const STEPS: [u32; 3] = [3, 6, 9];
const WORST_CRF: u32 = 40;
/// One sample for so much of a title, up to [`MOST_SAMPLES`].
const SAMPLE_EVERY_US: i64 = 120_000_000;
const MOST_SAMPLES: i64 = 5;
/// Above this share of the highest bit rate it is the rate that decides, and bits are wasted on noise.
const CAPPED_PERCENT: u64 = 85;
const REPORT_MAX: usize = 16 * 1024 * 1024;

/// How likeness is measured. Scores are hundredths of a point, 10,000 the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// Netflix's, where this ffmpeg has it.
    Vmaf,
    /// The structural similarity of luma.
    Ssim,
}

impl Metric {
    pub fn name(self) -> &'static str {
        match self {
            Metric::Vmaf => "vmaf",
            Metric::Ssim => "ssim",
        }
    }

    /// Renditions that one run can measure.
    fn at_once(self) -> usize {
        match self {
            Metric::Vmaf => 1,
            Metric::Ssim => 8,
        }
    }

    /// What more is not seen by most.
    fn enough(self) -> u32 {
        match self {
            Metric::Vmaf => 9300,
            Metric::Ssim => 9830,
        }
    }

    /// A difference that counts as none.
    fn tolerance(self) -> u32 {
        match self {
            Metric::Vmaf => 50,
            Metric::Ssim => 30,
        }
    }

    /// How far the constant quality may be lowered where bits are not wasted. SSIM hardly sees what becomes of
    /// smooth areas, so it is not believed beyond the first step.
    fn farthest(self) -> u32 {
        match self {
            Metric::Vmaf => 9,
            Metric::Ssim => 3,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    pub resolution: u32,
    pub hundredths: u32,
}

/// The settings that a rendition of this title needs, and what comes of them by the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub resolution: u32,
    pub crf: u32,
    pub hundredths: u32,
    /// Of the whole rendition.
    pub bytes: u64,
}

#[derive(Clone, Copy)]
struct Trial {
    hundredths: u32,
    bytes: u64,
}

impl Work<'_> {
    /// Beginnings of parts, spread over the title from this part on. None of a picture that stands still.
    fn samples(&self, from: usize) -> Vec<ChunkPlan> {
        let chunks = self.plan.chunks.get(from..).unwrap_or_default();
        if !matches!(self.plan.picture, Picture::Stream { .. }) {
            return Vec::new();
        }
        let wanted = (self.plan.duration_us() / SAMPLE_EVERY_US).clamp(1, MOST_SAMPLES);
        let wanted = usize::try_from(wanted).unwrap_or(1).min(chunks.len());
        let middle =
            |place: usize| chunks.get((2 * place + 1) * chunks.len() / (2 * wanted.max(1)));
        let sample = |chunk: &ChunkPlan| ChunkPlan {
            frames: chunk.frames.min(u64::from(self.plan.gop.max(1))),
            ..chunk.clone()
        };
        (0..wanted).filter_map(middle).map(sample).collect()
    }

    /// How like the source these whole renditions are, measured at samples at their own size.
    pub async fn scores(&self, made: &[(u32, PathBuf)]) -> Result<Vec<Score>> {
        let samples = self.samples(0);
        let file = |rung: &&Rung| made.iter().find(|(size, _)| *size == rung.resolution);
        let rungs = self.plan.rungs.iter();
        let made: Vec<Made<'_>> = rungs
            .filter_map(|rung| Some((rung, Source::file(&file(&rung)?.1))))
            .collect();
        let mut sums = vec![0; made.len()];
        for sample in &samples {
            let scores = self.score(sample, &made, sample.first).await?;
            for (sum, score) in sums.iter_mut().zip(scores) {
                *sum += score;
            }
        }
        let Some(count) = u32::try_from(samples.len()).ok().filter(|count| *count > 0) else {
            return Ok(Vec::new());
        };
        let score = |((rung, _), sum): (&Made<'_>, u32)| Score {
            resolution: rung.resolution,
            hundredths: sum / count,
        };
        Ok(made.iter().zip(sums).map(score).collect())
    }

    /// Tries lower constant qualities on samples of the parts from `from` on, and takes for each rendition the lowest
    /// that is still good enough, or as good as the usual one.
    pub async fn choose(&self, from: usize) -> Result<Vec<Choice>> {
        let samples = self.samples(from);
        if samples.is_empty() || self.plan.rungs.is_empty() {
            return Ok(Vec::new());
        }
        let metric = self.ffmpeg.about().metric;
        let usual = self.plan.encoding.crf;
        let frames: u64 = samples.iter().map(|sample| sample.frames).sum();
        let trials = self.trials(&samples, &self.plan.rungs, usual).await?;
        let whole = |trial: &Trial| trial.bytes * self.plan.frames / frames.max(1);
        let choice = |rung: &Rung, crf: u32, trial: &Trial| Choice {
            resolution: rung.resolution,
            crf,
            hundredths: trial.hundredths,
            bytes: whole(trial),
        };
        let first = self.plan.rungs.iter().zip(&trials);
        let mut choices: Vec<Choice> = first
            .map(|(rung, trial)| choice(rung, usual, trial))
            .collect();
        let sample_us = self.plan.rate.frame_us(frames).max(1);
        let mut open: Vec<(Rung, u32, u32)> = Vec::new();
        for (rung, trial) in self.plan.rungs.iter().zip(&trials) {
            let kbits = trial.bytes * 8000 / u64::try_from(sample_us).unwrap_or(1);
            let is_capped = kbits * 100 >= u64::from(rung.max_kbits) * CAPPED_PERCENT;
            let farthest = if is_capped { 9 } else { metric.farthest() };
            let least = trial.hundredths.saturating_sub(metric.tolerance());
            open.push((rung.clone(), least.min(metric.enough()), farthest));
        }
        for step in STEPS {
            open.retain(|(_, _, farthest)| step <= *farthest && usual + step <= WORST_CRF);
            let rungs: Vec<Rung> = open.iter().map(|(rung, _, _)| rung.clone()).collect();
            if rungs.is_empty() {
                break;
            }
            let trials = self.trials(&samples, &rungs, usual + step).await?;
            let mut passed = trials.iter();
            open.retain(|(rung, least, _)| {
                let trial = passed.next().filter(|trial| trial.hundredths >= *least);
                let known = choices
                    .iter_mut()
                    .find(|it| it.resolution == rung.resolution);
                match (trial, known) {
                    (Some(trial), Some(known)) => {
                        *known = choice(rung, usual + step, trial);
                        true
                    }
                    _ => false,
                }
            });
        }
        Ok(choices)
    }

    /// Encodes the samples with one constant quality, and measures: for each rendition its mean score and its bytes.
    async fn trials(&self, samples: &[ChunkPlan], rungs: &[Rung], crf: u32) -> Result<Vec<Trial>> {
        let tried = |rung: &Rung| Rung {
            crf: Some(crf),
            ..rung.clone()
        };
        let plan = self.plan.of(rungs.iter().map(tried).collect());
        let mut trials = vec![
            Trial {
                hundredths: 0,
                bytes: 0
            };
            rungs.len()
        ];
        for sample in samples {
            let temp = self.temp("trial")?;
            let args = command::chunk(&plan, sample, self.source, Path::new(""), temp.path());
            let run = self.run("Trying settings".into(), args, sample.preroll_us);
            process::encode(self.ffmpeg, run, self.cancel, |_| {}).await?;
            let path = |rung: &Rung| temp.path().join(format!("{}.mp4", rung.name()));
            let made: Vec<Made<'_>> = rungs
                .iter()
                .map(|rung| (rung, Source::file(path(rung))))
                .collect();
            let scores = self.score(sample, &made, 0).await?;
            for ((rung, trial), score) in rungs.iter().zip(&mut trials).zip(scores) {
                let path = path(rung);
                let written = std::fs::metadata(&path).map_err(crate::error::io("read", &path))?;
                // The beginning of the file comes once in the whole rendition.
                let init = u64::try_from(init_of(&path)?.len()).unwrap_or(0);
                trial.bytes += written.len().saturating_sub(init);
                trial.hundredths += score;
            }
        }
        for trial in &mut trials {
            trial.hundredths /= u32::try_from(samples.len()).unwrap_or(1);
        }
        Ok(trials)
    }

    /// Of one sample in each of these renditions; the made files begin `skipped` frames before it.
    async fn score(&self, sample: &ChunkPlan, made: &[Made<'_>], skipped: u64) -> Result<Vec<u32>> {
        let metric = self.ffmpeg.about().metric;
        let mut scores = Vec::new();
        for made in made.chunks(metric.at_once()) {
            let args = command::score(self.plan, sample, self.source, (made, skipped), metric);
            let mut run =
                Run::new(Program::Ffmpeg, "Measuring quality", args).priority(self.priority);
            run.memory_bytes = self.plan.memory_bytes();
            let report = process::capture(self.ffmpeg, run, REPORT_MAX, self.cancel).await?;
            let report = String::from_utf8_lossy(&report);
            for (rung, _) in made {
                let score = match metric {
                    Metric::Vmaf => vmaf(&report),
                    Metric::Ssim => ssim(&report, &rung.name()).map(|share| share * 100.0),
                };
                scores.push(hundredths(score)?);
            }
        }
        Ok(scores)
    }
}

fn hundredths(score: Option<f64>) -> Result<u32> {
    let score = score.filter(|score| score.is_finite());
    let score = score.ok_or_else(|| MediaError::broken("The measure", "it says nothing"))?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is between 0 and 10,000"
    )]
    #[expect(clippy::cast_sign_loss, reason = "it is between 0 and 10,000")]
    Ok((score.clamp(0.0, 100.0) * 100.0).round() as u32)
}

/// The mean of a rendition's frames: its name comes after the values of each.
fn ssim(report: &str, name: &str) -> Option<f64> {
    let (mut luma, mut sum, mut frames) = (None, 0.0, 0_u32);
    for line in report.lines() {
        if let Some(value) = line.strip_prefix("lavfi.ssim.Y=") {
            luma = value.parse::<f64>().ok();
        } else if let Some(rung) = line.strip_prefix("rung=")
            && let Some(luma) = luma.take()
            && rung == name
        {
            sum += luma;
            frames += 1;
        }
    }
    (frames > 0).then(|| sum / f64::from(frames))
}

fn vmaf(report: &str) -> Option<f64> {
    let report: serde_json::Value = serde_json::from_str(report.trim()).ok()?;
    report.pointer("/pooled_metrics/vmaf/mean")?.as_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_read() {
        let frame = |luma: &str, rung: &str| {
            format!("frame:0 pts:0\nlavfi.ssim.Y={luma}\nlavfi.ssim.U=1\nrung={rung}\n")
        };
        let report = frame("0.5", "720p") + &frame("0.9", "360p") + &frame("0.7", "720p");
        assert_eq!(ssim(&report, "720p"), Some(0.6));
        assert_eq!(ssim(&report, "360p"), Some(0.9));
        assert_eq!(ssim(&report, "240p"), None);
        let report =
            r#"{ "frames": [], "pooled_metrics": { "vmaf": { "min": 1, "mean": 93.5 } } }"#;
        assert_eq!(vmaf(report), Some(93.5));
        assert_eq!(vmaf("{}"), None);
    }
}
