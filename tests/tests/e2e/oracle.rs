//! The tests' own tools are right about Kafka.

use weir_tests::{Broker, Record, Topic, unique, within};

#[test]
fn the_oracle_reads_back_what_it_wrote() {
    within(60, || {
        let broker = Broker::shared();
        let topic = unique("oracle");
        broker.oracle.create([Topic::new(&topic, 3)]);
        let written: Vec<Record> = vec![
            Record::to(&topic)
                .partition(0)
                .at(1)
                .key(b"")
                .value(b"")
                .header("a", b"1")
                .null_header("a")
                .header("", b""),
            Record::to(&topic).partition(0).at(i64::from(u32::MAX) * 1000),
            Record::to(&topic).partition(2).at(1_700_000_000_000).key([0xff, 0xfe]).value("ü"),
        ];
        broker.oracle.produce(written.clone());
        let mut read = broker.oracle.read(&[&topic]);
        read.sort_by_key(|record| (record.partition, record.offset));
        let offsets: Vec<i64> = read.iter().map(|record| record.offset.unwrap()).collect();
        assert_eq!(offsets, [0, 1, 0]);
        let read: Vec<Record> = read.into_iter().map(|record| Record { offset: None, ..record }).collect();
        assert_eq!(read, written);
        assert_eq!(broker.oracle.count(&[&topic]), 3);
        for record in &written {
            assert_eq!(Record::from_line(&record.to_line()), *record);
        }
    });
}
