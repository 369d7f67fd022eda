//! Logarithms and powers of two in fixed point, the same on every machine: only operations that IEEE 754 defines to
//! the last bit are used, so that scores do not depend on a mathematics library.

use std::sync::LazyLock;

/// Units in one bit of information.
pub(crate) const BIT: i32 = 256;

/// `floor(BIT * log2(x))` for a positive, normal `x`: the mantissa is looked for among the powers of two.
#[inline]
pub(crate) fn log2(x: f64) -> i32 {
    const MANTISSA: u32 = 52;
    let bits = x.to_bits();
    let exponent = ((bits >> MANTISSA) & 0x7ff) as i32 - 1023;
    let digits = bits & ((1 << MANTISSA) - 1);
    let mantissa = f64::from_bits(digits | 1023 << MANTISSA);
    // From the least that it can be on: no more than two powers are left to compare, since a step of the mantissa is
    // less than two units of a bit.
    let mut fraction = usize::from(LEAST[(digits >> (MANTISSA - BIT.ilog2())) as usize]);
    let powers = &*FRACTIONS;
    fraction += usize::from(powers[fraction + 1] <= mantissa);
    fraction += usize::from(powers[fraction + 1] <= mantissa);
    exponent * BIT + fraction as i32
}

/// Powers of two with a fraction in the exponent, one for each unit of a bit, as products of repeated square roots;
/// behind them two that no mantissa reaches.
static FRACTIONS: LazyLock<[f64; BIT as usize + 2]> = LazyLock::new(|| {
    std::array::from_fn(|fraction| {
        if fraction >= BIT as usize {
            return 2.0;
        }
        let mut power = 1.0_f64;
        let mut root = 2.0_f64;
        for digit in (0..BIT.ilog2()).rev() {
            root = root.sqrt();
            if fraction >> digit & 1 == 1 {
                power *= root;
            }
        }
        power
    })
});

/// The logarithm's fraction at each mantissa of so many digits: how many powers are no greater.
static LEAST: LazyLock<[u8; BIT as usize]> = LazyLock::new(|| {
    std::array::from_fn(|digits| {
        let mantissa = 1.0 + digits as f64 / f64::from(BIT);
        FRACTIONS[1..].iter().filter(|&&power| power <= mantissa).count() as u8
    })
});

/// `2^(x / BIT)`, 0 or infinity where that is beyond a double.
pub(crate) fn exp2(x: i32) -> f64 {
    let (whole, fraction) = (x.div_euclid(BIT), x.rem_euclid(BIT));
    let power = FRACTIONS[fraction as usize];
    match whole {
        -1022..=1023 => power * f64::from_bits(((whole + 1023) as u64) << 52),
        ..-1022 => 0.0,
        _ => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_library() {
        for x in [1.0, 2.0, 3.0, 0.1, 1e-9, 12345.678, 0.999_999, 1e300] {
            let exact = f64::from(BIT) * f64::log2(x);
            assert!((f64::from(log2(x)) - exact).abs() <= 1.001, "{x}: {} {exact}", log2(x));
        }
        for x in [-70_000, -1000, -1, 0, 1, 255, 256, 1000, 50_000] {
            let exact = (f64::from(x) / f64::from(BIT)).exp2();
            assert!((exp2(x) - exact).abs() <= exact * 1e-12, "{x}");
        }
        assert_eq!(exp2(-300_000), 0.0);
        // Never more than the logarithm, and less than a unit below.
        for x in (1..5000).map(|k| 0.7 + f64::from(k) / 1009.0) {
            let exact = f64::from(BIT) * f64::log2(x);
            assert!((-1e-9..=1.0 + 1e-9).contains(&(exact - f64::from(log2(x)))), "{x}");
        }
        // All powers that are no greater, however they are counted.
        for digits in 0..1 << 16 {
            let mantissa = 1.0 + f64::from(digits) / 65_536.0;
            let powers = FRACTIONS[1..].iter().filter(|&&power| power <= mantissa).count();
            assert_eq!(log2(mantissa), powers as i32, "{mantissa}");
        }
        for whole in -20..20 {
            assert_eq!(log2(f64::powi(2.0, whole)), whole * BIT);
        }
    }
}
