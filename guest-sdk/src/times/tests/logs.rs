//! The dates of well-known kinds of log files.

use super::{Config, ms};

#[test]
fn dates_of_all_well_known_log_files_are_read() {
    let reference = ms("2016-01-02T00:00:00Z");
    for (kind, unit, text, expected) in [
        ("Linux", "%b %e %H:%M:%S", "Dec  9 04:02:17", "2015-12-09T04:02:17Z"),
        ("Mac", "%b %e %H:%M:%S", "Jul  1 09:00:55", "2016-07-01T09:00:55Z"),
        ("OpenSSH", "%b %e %T", "Dec 10 06:55:46", "2015-12-10T06:55:46Z"),
        ("Android", "%m-%d %H:%M:%S.%f", "03-17 16:13:38.811", "2016-03-17T16:13:38.811Z"),
        ("Proxifier", "[%m.%d %H:%M:%S]", "[10.30 16:49:06]", "2015-10-30T16:49:06Z"),
        ("Apache", "[%a %b %d %H:%M:%S %Y]", "[Sun Dec 04 04:47:44 2005]", "2005-12-04T04:47:44Z"),
        ("Hadoop", "%Y-%m-%d %H:%M:%S,%f", "2015-10-18 18:01:47,978", "2015-10-18T18:01:47.978Z"),
        ("HDFS", "%y%m%d %H%M%S", "081109 203615", "2008-11-09T20:36:15Z"),
        ("HPC", "s", "1077804742", "2004-02-26T14:12:22Z"),
        ("BGL", "%Y-%m-%d-%H.%M.%S.%f", "2005-06-03-15.42.50.363779", "2005-06-03T15:42:50.363Z"),
        ("Spark", "%y/%m/%d %H:%M:%S", "17/06/09 20:10:40", "2017-06-09T20:10:40Z"),
        ("Thunderbird", "%Y.%m.%d", "2005.11.09", "2005-11-09T00:00:00Z"),
        ("Thunderbird", "%b %e %H:%M:%S", "Nov 9 12:01:01", "2015-11-09T12:01:01Z"),
        ("Windows", "%Y-%m-%d %H:%M:%S", "2016-09-28 04:30:30", "2016-09-28T04:30:30Z"),
        ("Zookeeper", "%Y-%m-%d %H:%M:%S,%f", "2015-07-29 17:41:44,747", "2015-07-29T17:41:44.747Z"),
        ("HealthApp", "%Y%m%d-%H:%M:%S:%-3f", "20171223-22:15:29:606", "2017-12-23T22:15:29.606Z"),
        ("HealthApp", "%Y%m%d-%H:%M:%S:%-3f", "20171224-0:5:9:7", "2017-12-24T00:05:09.007Z"),
        ("OpenStack", "%Y-%m-%d %H:%M:%S%.f", "2017-05-16 00:00:00.008", "2017-05-16T00:00:00.008Z"),
        ("OpenStack", "iso8601", "2017-05-16 00:00:00.008", "2017-05-16T00:00:00.008Z"),
    ] {
        let config = Config { units: &[unit], ..Config::default() };
        assert_eq!(config.read(text, Some(reference)), Some(ms(expected)), "{kind}");
        assert_eq!(config.read(format!("{text}\r"), Some(reference)), Some(ms(expected)), "{kind}");
        assert_eq!(config.read(format!("{text}x"), Some(reference)), None, "{kind}");
    }
}
