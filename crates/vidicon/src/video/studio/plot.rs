//! Curves and bars as SVG attributes: pages have no inline style. The numbers stand in a table too.

use std::fmt::Write as _;

/// A curve over a ground of 1000 by 100 that stretches to any size.
#[derive(Debug)]
pub struct Curve {
    /// The `d` of the line and of the area below it.
    pub line: String,
    pub area: String,
}

#[derive(Debug)]
pub struct Bar {
    pub x: String,
    pub y: String,
    pub width: String,
    pub height: String,
}

const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 100.0;

/// A curve through these values at even distances, from zero to `top` or to the largest.
pub fn curve(values: &[f64], top: Option<f64>) -> Curve {
    let largest = values.iter().copied().fold(0.0, f64::max);
    let top = top.unwrap_or(largest).max(f64::MIN_POSITIVE);
    let last = count(values.len().saturating_sub(1)).max(1.0);
    let mut line = String::new();
    for (index, value) in values.iter().enumerate() {
        let x = count(index) / last * WIDTH;
        let y = HEIGHT - (value / top).clamp(0.0, 1.0) * HEIGHT;
        let step = if index == 0 { 'M' } else { 'L' };
        let _ = write!(line, "{step}{x:.1} {y:.1}");
    }
    if values.len() == 1 {
        let _ = write!(line, "H{WIDTH}");
    }
    let area = if values.is_empty() {
        String::new()
    } else {
        format!("{line}V{HEIGHT}H0Z")
    };
    Curve { line, area }
}

/// Bars of these values on the same ground, and the largest value.
pub fn bars(values: &[f64]) -> (Vec<Bar>, f64) {
    let top = values.iter().copied().fold(0.0, f64::max);
    let step = WIDTH / count(values.len()).max(1.0);
    let bar = |(index, value): (usize, &f64)| {
        let share = if top > 0.0 { value / top } else { 0.0 };
        Bar {
            x: format!("{:.2}", count(index) * step + step * 0.1),
            y: format!("{:.2}", HEIGHT - share * HEIGHT),
            width: format!("{:.2}", step * 0.8),
            height: format!("{:.2}", share * HEIGHT),
        }
    };
    (values.iter().enumerate().map(bar).collect(), top)
}

/// A count as a number to reckon with.
fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_and_bars_fit_their_ground() {
        let curve = curve(&[0.0, 50.0, 100.0], Some(100.0));
        assert_eq!(curve.line, "M0.0 100.0L500.0 50.0L1000.0 0.0");
        assert_eq!(curve.area, "M0.0 100.0L500.0 50.0L1000.0 0.0V100H0Z");
        let (bars, top) = bars(&[1.0, 4.0]);
        assert_eq!(
            (bars[1].y.as_str(), bars[1].height.as_str(), top),
            ("0.00", "100.00", 4.0)
        );
        assert_eq!(bars[0].x, "50.00");
        assert!(super::curve(&[], None).area.is_empty());
    }
}
