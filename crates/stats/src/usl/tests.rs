use super::*;

fn within(value: f64, expected: f64, share: f64) -> bool {
    (value / expected - 1.0).abs() < share
}

/// Gunther's ray tracer benchmark (Guerrilla Capacity Planning, 2007, chapter 5), first six levels.
const RAY_TRACER: [(f64, f64); 6] =
    [(1.0, 20.0), (4.0, 78.0), (8.0, 130.0), (12.0, 170.0), (16.0, 190.0), (20.0, 200.0)];

#[test]
fn published_coefficients_are_found_with_the_absolute_loss() {
    let fit = usl(&RAY_TRACER, UslLoss::Absolute).expect("six levels");
    assert!(within(fit.gamma().value, 20.856_0, 5e-4), "{:?}", fit.gamma());
    assert!(within(fit.alpha().value, 0.024_444, 5e-4), "{:?}", fit.alpha());
    assert!(within(fit.beta().value, 0.001_626_81, 5e-4), "{:?}", fit.beta());
    let peak = fit.peak().expect("it falls");
    assert!(within(peak.concurrency.value, 24.488, 5e-4) && within(peak.throughput, 203.49, 5e-4));
    // Their standard error is 0.000261; t with 3 degrees of freedom 3.182.
    assert!(within(fit.beta().high - fit.beta().value, 3.182 * 0.000_261_4, 5e-3));
}

#[test]
fn an_exact_law_is_found_by_both_losses_without_doubts() {
    let truth = [950.0, 0.03, 0.0008];
    let levels: Vec<(f64, f64)> =
        [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0].map(|n| (n, law(truth, n))).to_vec();
    for loss in [UslLoss::Relative, UslLoss::Absolute] {
        let fit = usl(&levels, loss).expect("seven levels");
        assert!(within(fit.alpha().value, 0.03, 1e-6) && within(fit.beta().value, 0.0008, 1e-6));
        assert_eq!(fit.doubts(), [], "{loss:?}");
        assert_eq!(fit.throughput(129.0), None, "beyond twice the highest level");
    }
}

#[test]
fn throughput_that_only_rises_has_no_peak_and_a_line_with_a_ceiling_is_named() {
    let rising: Vec<(f64, f64)> =
        [1.0, 2.0, 4.0, 8.0, 16.0, 32.0].map(|n| (n, law([10.0, 0.05, 0.0], n))).to_vec();
    let fit = usl(&rising, UslLoss::Relative).expect("six levels");
    assert!(fit.doubts().contains(&UslDoubt::NoPeak { highest: 32.0 }), "{:?}", fit.doubts());
    let slots: Vec<(f64, f64)> =
        [1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 32.0].map(|n: f64| (n, n.min(10.0) * 5.0)).to_vec();
    let fit = usl(&slots, UslLoss::Relative).expect("eight levels");
    assert!(fit.doubts().iter().any(|doubt| matches!(doubt, UslDoubt::Ceiling { .. })));
}

#[test]
fn senseless_levels_are_refused_by_name() {
    let error = usl(&[(1.0, 2.0), (2.0, 0.0)], UslLoss::Relative).expect_err("no throughput");
    assert!(error.to_string().starts_with("level 2 "), "{error}");
    let repeats = [(1.0, 2.0), (1.0, 2.1), (2.0, 3.0), (2.0, 3.1), (4.0, 5.0)];
    assert_eq!(usl(&repeats, UslLoss::Relative), Err(UslError::TooFewLevels { found: 3 }));
}
