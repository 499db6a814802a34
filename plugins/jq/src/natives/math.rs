//! Mathematics, by a library in Rust: the same results on every machine.

use jaq_core::{
    Cv,
    native::{Fun, bome, run, v},
};
use jaq_json::{Error, Val};
use jaq_std::ValT;

use super::Data;

/// Filters of one number.
macro_rules! of_one {
    ($($name:ident)*) => {
        [$(run((stringify!($name), v(0), |cv: Cv<'_, Data>| bome(float(&cv.1).map(|x| Val::from(libm::$name(x)))))),)*]
    };
}

/// Filters of two arguments, read as `$first` and `$second`.
macro_rules! of_two {
    ($first:ident $second:ident: $($name:ident)*) => {
        [$(run((stringify!($name), v(2), |mut cv: Cv<'_, Data>| {
            let (y, x) = (cv.0.pop_var(), cv.0.pop_var());
            bome($first(&x).and_then(|x| Ok(Val::from(libm::$name(x, $second(&y)?)))))
        })),)*]
    };
}

pub(super) fn functions() -> Vec<Fun<Data>> {
    let mut all = vec![
        run(("nearbyint", v(0), |cv: Cv<'_, Data>| bome(float(&cv.1).map(|x| Val::from(libm::rint(x)))))),
        run(("ilogb", v(0), |cv: Cv<'_, Data>| bome(float(&cv.1).map(|x| Val::from(libm::ilogb(x) as isize))))),
        run(("frexp", v(0), |cv: Cv<'_, Data>| {
            bome(float(&cv.1).map(|x| {
                let (fraction, exponent) = libm::frexp(x);
                [Val::from(fraction), Val::from(exponent as isize)].into_iter().collect()
            }))
        })),
        run(("modf", v(0), |cv: Cv<'_, Data>| {
            bome(float(&cv.1).map(|x| {
                let (fraction, whole) = libm::modf(x);
                [Val::from(fraction), Val::from(whole)].into_iter().collect()
            }))
        })),
        run(("scalbln", v(2), |mut cv: Cv<'_, Data>| {
            let (y, x) = (cv.0.pop_var(), cv.0.pop_var());
            bome(float(&x).and_then(|x| Ok(Val::from(libm::scalbn(x, integer(&y)?)))))
        })),
        run(("fma", v(3), |mut cv: Cv<'_, Data>| {
            let (z, y, x) = (cv.0.pop_var(), cv.0.pop_var(), cv.0.pop_var());
            bome(float(&x).and_then(|x| Ok(Val::from(libm::fma(x, float(&y)?, float(&z)?)))))
        })),
    ];
    all.extend(of_one![
        acos acosh asin asinh atan atanh cbrt cos cosh erf erfc exp exp10 exp2 expm1 fabs j0 j1 lgamma log log10 log1p
        log2 rint sin sinh sqrt tan tanh tgamma trunc y0 y1
    ]);
    all.extend(of_two![float float: atan2 copysign fdim fmax fmin fmod hypot nextafter pow remainder]);
    all.extend(of_two![integer float: jn yn]);
    all.extend(of_two![float integer: ldexp]);
    all
}

fn float(value: &Val) -> Result<f64, Error> {
    value.as_f64().ok_or_else(|| Error::typ(value.clone(), "number"))
}

fn integer(value: &Val) -> Result<i32, Error> {
    let integer = value.as_isize().ok_or_else(|| Error::typ(value.clone(), "integer"))?;
    i32::try_from(integer).map_err(Error::str)
}
