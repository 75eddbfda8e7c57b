//! Least squares with a handful of columns.

/// A fit of `y` by a weighted sum of columns.
#[derive(Debug, Clone)]
pub(crate) struct LinearFit {
    /// The weight of each column.
    pub(crate) weights: Vec<f64>,
    /// The sum of squared residuals.
    pub(crate) squares: f64,
    /// The diagonal of the inverse of the Gram matrix: variances of the weights over that of `y`.
    pub(crate) leverage: Vec<f64>,
    /// The logarithm of the determinant of the Gram matrix.
    pub(crate) log_determinant: f64,
}

/// Fits `y` by `columns`, each as long as `y`.
///
/// By the Cholesky factor of the Gram matrix with columns scaled to length 1, which is exact enough
/// for a few columns that are no near copies of each other. `None` when they are, or when there are not more
/// values than columns.
pub(crate) fn fit(columns: &[&[f64]], y: &[f64]) -> Option<LinearFit> {
    let k = columns.len();
    if k == 0 || y.len() <= k {
        return None;
    }
    let scales: Vec<f64> = columns.iter().map(|column| dot(column, column).sqrt()).collect();
    if scales.iter().any(|scale| !scale.is_normal()) {
        return None;
    }
    let factor = cholesky(columns, &scales)?;
    let right: Vec<f64> =
        columns.iter().zip(&scales).map(|(column, scale)| dot(column, y) / scale).collect();
    let forward = solve_lower(&factor, &right);
    let scaled = solve_upper(&factor, &forward);
    let weights: Vec<f64> =
        scaled.iter().zip(&scales).map(|(weight, scale)| weight / scale).collect();
    let squares = (0..y.len())
        .map(|i| {
            let fitted: f64 = columns.iter().zip(&weights).map(|(column, w)| column[i] * w).sum();
            (y[i] - fitted).powi(2)
        })
        .sum();
    let log_determinant = (0..k).map(|i| 2.0 * (factor[i][i] * scales[i]).ln()).sum();
    let leverage = (0..k)
        .map(|i| {
            let mut unit = vec![0.0; k];
            unit[i] = 1.0;
            let column = solve_lower(&factor, &unit);
            dot(&column, &column) / (scales[i] * scales[i])
        })
        .collect();
    Some(LinearFit { weights, squares, leverage, log_determinant })
}

/// The sum of products.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn cholesky(columns: &[&[f64]], scales: &[f64]) -> Option<Vec<Vec<f64>>> {
    let k = columns.len();
    let mut factor = vec![vec![0.0; k]; k];
    for i in 0..k {
        for j in 0..=i {
            let gram = dot(columns[i], columns[j]) / (scales[i] * scales[j]);
            let rest = gram - dot(&factor[i][..j], &factor[j][..j]);
            if i == j {
                if rest < 1e-10 {
                    return None;
                }
                factor[i][i] = rest.sqrt();
            } else {
                factor[i][j] = rest / factor[j][j];
            }
        }
    }
    Some(factor)
}

fn solve_lower(factor: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let mut solved = vec![0.0; right.len()];
    for i in 0..right.len() {
        solved[i] = (right[i] - dot(&factor[i][..i], &solved[..i])) / factor[i][i];
    }
    solved
}

fn solve_upper(factor: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let mut solved = vec![0.0; right.len()];
    for i in (0..right.len()).rev() {
        let known: f64 = (i + 1..right.len()).map(|j| factor[j][i] * solved[j]).sum();
        solved[i] = (right[i] - known) / factor[i][i];
    }
    solved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_with_the_textbook_variance() {
        let one = [1.0; 5];
        let x = [0.0, 1.0, 2.0, 3.0, 4.0];
        let y = [1.1, 2.9, 5.0, 7.1, 8.9];
        let line = fit(&[&one, &x], &y).expect("five values");
        assert!((line.weights[1] - 1.98).abs() < 1e-12 && (line.weights[0] - 1.04).abs() < 1e-12);
        assert!((line.leverage[1] - 0.1).abs() < 1e-12, "1 / sum of squares of the centred x");
        assert!((line.log_determinant - 50.0_f64.ln()).abs() < 1e-12);
        assert!((line.squares - 0.036).abs() < 1e-12);
    }

    #[test]
    fn copies_and_too_few_values_have_no_fit() {
        let x = [1.0, 2.0, 3.0];
        assert!(fit(&[&x, &x], &[1.0, 2.0, 4.0]).is_none());
        assert!(fit(&[&x], &[1.0]).is_none());
        assert!(fit(&[&[0.0; 3]], &x).is_none());
    }
}
