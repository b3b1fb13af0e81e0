// A Kafka-protocol broker for tests: librdkafka's mock cluster as a process of its own.
//
//     rec-mock-kafka --brokers 1 --partitions 4 --topics events,events.dead
//
// The first line of output is the bootstrap address. Each line of input is answered with `ok` or `error TEXT`; the end of input
// or `quit` ends the process. It keeps about 5 MiB a partition in memory and drops the oldest.
//
//     down ID            connections of broker ID end, new ones are refused (-1 = all)
//     up ID              and are accepted again
//     rtt ID MS          every answer of broker ID takes this long
//     delay KEY MS COUNT the next answers of broker 1 to requests of a kind take this long; the requests are done at once
//     error KEY CODE COUNT   the next requests of a kind fail (KEY 0 = Produce, 8 = OffsetCommit; CODE of the protocol)
//     topic NAME COUNT   makes a topic
//     leader NAME PARTITION ID
//     coordinator GROUP ID
import CKafka
import Foundation

private func fail(_ text: String) -> Never {
    FileHandle.standardError.write(Data("rec-mock-kafka: \(text)\n".utf8))
    exit(64)
}

private func say(_ text: String) {
    FileHandle.standardOutput.write(Data("\(text)\n".utf8))
}

// With @main, as the fuzzer's build reads no file as a script.
@main
enum MockKafka {
    static func main() {
        var options = ["--brokers": "1", "--partitions": "4", "--topics": "events,events.dead"]
        var words = CommandLine.arguments.dropFirst()
        while let name = words.popFirst() {
            guard options[name] != nil, let value = words.popFirst() else {
                fail("usage: rec-mock-kafka [--brokers N] [--partitions N] [--topics A,B]")
            }
            options[name] = value
        }
        guard let brokers = Int32(options["--brokers"] ?? ""), (1...9).contains(brokers),
            let partitions = Int32(options["--partitions"] ?? ""), (1...1000).contains(partitions)
        else { fail("brokers are 1 to 9, partitions 1 to 1000") }

        signal(SIGPIPE, SIG_IGN)
        var reason = [CChar](repeating: 0, count: 256)
        let configuration = rd_kafka_conf_new()
        rd_kafka_conf_set_log_cb(configuration, nil)
        guard let host = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &reason, reason.count),
            let cluster = rd_kafka_mock_cluster_new(host, brokers),
            let bootstrap = rd_kafka_mock_cluster_bootstraps(cluster)
        else { fail("librdkafka makes no mock cluster") }

        func makeTopic(_ name: String, _ count: Int32) -> rd_kafka_resp_err_t {
            rd_kafka_mock_topic_create(cluster, name, count, min(3, brokers))
        }

        for topic in (options["--topics"] ?? "").split(separator: ",")
        where makeTopic(String(topic), partitions) != RD_KAFKA_RESP_ERR_NO_ERROR {
            fail("the topic \(topic) cannot be made")
        }

        /// Obeys one line. `nil` = it is not understood.
        func obey(_ words: [String]) -> rd_kafka_resp_err_t? {
            let numbers = words.map { Int32($0) }
            func number(_ place: Int) -> Int32? { place < numbers.count ? numbers[place] : nil }
            switch (words.first, words.count) {
            case ("down", 2): return number(1).map { rd_kafka_mock_broker_set_down(cluster, $0) }
            case ("up", 2): return number(1).map { rd_kafka_mock_broker_set_up(cluster, $0) }
            case ("rtt", 3):
                guard let broker = number(1), let milliseconds = number(2) else { return nil }
                return rd_kafka_mock_broker_set_rtt(cluster, broker, milliseconds)
            case ("delay", 4):
                guard let key = number(1).flatMap(Int16.init(exactly:)), let milliseconds = number(2),
                    let count = number(3),
                    (0...1000).contains(count)
                else { return nil }
                return (0..<count).map { _ in rec_mock_delay_answer(cluster, 1, key, milliseconds) }.last
                    ?? RD_KAFKA_RESP_ERR_NO_ERROR
            case ("error", 4):
                guard let key = number(1).flatMap(Int16.init(exactly:)), let code = number(2), let count = number(3),
                    (0...1000).contains(count)
                else { return nil }
                let errors = [rd_kafka_resp_err_t](repeating: rd_kafka_resp_err_t(rawValue: code), count: Int(count))
                rd_kafka_mock_push_request_errors_array(cluster, key, errors.count, errors)
                return RD_KAFKA_RESP_ERR_NO_ERROR
            case ("topic", 3): return number(2).map { makeTopic(words[1], $0) }
            case ("leader", 4):
                guard let partition = number(2), let broker = number(3) else { return nil }
                return rd_kafka_mock_partition_set_leader(cluster, words[1], partition, broker)
            case ("coordinator", 3):
                return number(2).map { rd_kafka_mock_coordinator_set(cluster, "group", words[1], $0) }
            default: return nil
            }
        }

        say(String(cString: bootstrap))
        while let line = readLine(), line != "quit" {
            guard let code = obey(line.split(separator: " ").map(String.init)) else {
                say("error not understood")
                continue
            }
            say(
                code == RD_KAFKA_RESP_ERR_NO_ERROR
                    ? "ok" : "error \(rd_kafka_err2name(code).map { String(cString: $0) } ?? "")"
            )
        }
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(host)
    }
}
