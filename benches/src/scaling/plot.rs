//! Three plots side by side, in colours that are read on white and on black.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

use super::Row;

const SIZE: (u32, u32) = (1_140, 360);
/// Of text and axes: grey enough for both grounds. There is no ground of our own.
const INK: RGBColor = RGBColor(128, 128, 128);
const GRID: RGBAColor = RGBAColor(128, 128, 128, 0.25);
const COLOURS: [RGBColor; 3] = [RGBColor(38, 132, 208), RGBColor(214, 111, 32), RGBColor(46, 152, 96)];

/// A line of a plot: what it is called, and a value for each number of works.
struct Line {
    name: &'static str,
    points: Vec<(f64, f64)>,
}

/// The plots as SVG.
pub(super) fn draw(rows: &[Row]) -> anyhow::Result<String> {
    let line = |name, value: &dyn Fn(&Row) -> Option<f64>| {
        let point = |row: &Row| Some((row.made.works as f64, value(row)?));
        Line { name, points: rows.iter().filter_map(point).collect() }
    };
    let megabytes = |bytes: u64| Some(bytes as f64 / 1e6);
    let speeds = [
        line("one core", &|row| Some(row.scanning.one_core)),
        line("two cores", &|row| row.scanning.two_cores),
    ];
    let seconds = [line("registering on disk", &|row| Some(row.registering.seconds))];
    let memory = [
        line("registering, at most", &|row| megabytes(row.registering.peak_memory)),
        line("scanning, at most", &|row| megabytes(row.scanning.peak_memory)),
        line("index without texts", &|row| megabytes(row.registering.index_bytes)),
    ];
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let areas = root.split_evenly((1, 3));
        // Speed changes little: only from zero on does it show how little.
        let most = values(&speeds).fold(0.0, f64::max);
        panel(&areas[0], "Scanning", "MB of outputs a second", 0.0..1.4 * most, &speeds)?;
        panel(&areas[1], "Registering", "seconds", decades(values(&seconds)).log_scale(), &seconds)?;
        panel(&areas[2], "Memory", "MB", decades(values(&memory)).log_scale(), &memory)?;
        root.present()?;
    }
    Ok(svg)
}

fn values(lines: &[Line]) -> impl Iterator<Item = f64> + Clone {
    lines.iter().flat_map(|line| &line.points).map(|point| point.1)
}

/// One plot over the number of works, which grows by powers of ten.
fn panel<Y>(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    title: &str,
    unit: &str,
    range: Y,
    lines: &[Line],
) -> anyhow::Result<()>
where
    Y: AsRangedCoord<Value = f64>,
    Y::CoordDescType: ValueFormatter<f64>,
{
    let text = |size: i32| ("sans-serif", size).into_font().color(&INK);
    let works = decades(lines.iter().flat_map(|line| &line.points).map(|point| point.0));
    let mut chart = ChartBuilder::on(area)
        .caption(title, text(18))
        .margin(12)
        .margin_right(36)
        .x_label_area_size(44)
        .y_label_area_size(62)
        .build_cartesian_2d(works.log_scale(), range)?;
    chart
        .configure_mesh()
        .axis_style(INK)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .label_style(text(13))
        .axis_desc_style(text(14))
        .x_labels(4)
        .y_labels(8)
        .x_desc("works")
        .y_desc(unit)
        .x_label_formatter(&|works| grouped(*works))
        .y_label_formatter(&|value| grouped(*value))
        .draw()?;
    for (line, colour) in lines.iter().zip(COLOURS) {
        chart
            .draw_series(LineSeries::new(line.points.iter().copied(), colour.stroke_width(2)).point_size(4))?
            .label(line.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart.configure_series_labels().position(SeriesLabelPosition::UpperLeft).label_font(text(13)).draw()?;
    Ok(())
}

/// From the power of ten below all values to the one above them.
fn decades(values: impl Iterator<Item = f64> + Clone) -> Range<f64> {
    let least = values.clone().fold(f64::INFINITY, f64::min).log10();
    let most = values.fold(0.0, f64::max).log10();
    10_f64.powf(least.floor())..10_f64.powf(most.ceil().max(least.floor() + 1.0))
}

/// Thousands apart.
fn grouped(value: f64) -> String {
    if value < 1.0 {
        return format!("{value}");
    }
    let digits = format!("{value:.0}");
    let first = digits.len() % 3;
    let mut groups: Vec<&str> = Vec::new();
    if first > 0 {
        groups.push(&digits[..first]);
    }
    groups.extend((first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_hold_all_values_between_powers_of_ten() {
        assert_eq!(decades([12.0, 950.0].into_iter()), 10.0..1000.0);
        assert_eq!(decades([100.0].into_iter()), 100.0..1000.0);
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0.1, 1.0, 100.0, 1000.0, 1e6].map(grouped), ["0.1", "1", "100", "1,000", "1,000,000"]);
    }
}
