//! The records of the benchmark.

/// Topics that the recom job routes to.
pub(crate) const BUCKETS: usize = 12;

/// One record.
pub(crate) struct Event {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Vec<u8>,
    pub(crate) timestamp: i64,
    pub(crate) headers: [(&'static str, Vec<u8>); 2],
    pub(crate) user: i64,
}

/// All of them, the same at every run.
#[derive(Debug, Default)]
pub(crate) struct Events {
    number: u64,
}

/// 2023-11-14 22:13:20 UTC.
const START: i64 = 1_700_000_000_000;
const DAY: i64 = 86_400_000;

impl Events {
    pub(crate) fn next(&mut self) -> Event {
        let number = self.number;
        self.number += 1;
        let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut dice = move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let pick = |dice: &mut dyn FnMut() -> u64, from: &[&'static str]| from[dice() as usize % from.len()];
        let timestamp = START + number as i64 / 20;
        let action = match dice() % 10 {
            0 => timestamp + 400_000 + (dice() % (400 * DAY as u64)) as i64,
            1 => timestamp - 2 * DAY - (dice() % (3000 * DAY as u64)) as i64,
            _ => timestamp - (dice() % 40_000) as i64,
        };
        let user = (dice() % 5_000_000) as i64;
        let value = format!(
            r#"{{"actionTime":{action},"businessId":"{}","sceneId":"{}","serviceName":"{}","logType":"{}","itemSetId":"set-{}","userId":{user},"itemId":"sku-{:08}","device":{{"os":"android","version":"14","net":"wifi","screen":[1080,2400]}},"session":"{:016x}{:016x}","position":{}}}"#,
            pick(&mut dice, &["mall", "video", "news", "music"]),
            pick(&mut dice, &["home", "detail", "cart", "search"]),
            pick(&mut dice, &["recall", "rank", "rerank", "feed"]),
            pick(&mut dice, &["click", "show", "buy", "dislike"]),
            dice() % 500,
            dice() % 100_000_000,
            dice(),
            dice(),
            dice() % 40,
        );
        Event {
            key: user.to_string().into_bytes(),
            value: value.into_bytes(),
            timestamp,
            headers: [("trace", format!("{:016x}", dice()).into_bytes()), ("agent", b"app/4.2".to_vec())],
            user,
        }
    }
}
