// Where the event log is, and how clients are set.

/// Everything that is wrong with a configuration of Kafka. Texts name properties and never their values.
public struct KafkaConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence each.
    public let problems: [String]
    public var description: String { problems.joined(separator: "; ") }
}

/// The brokers, topics and group of the event log.
///
///     let kafka = try KafkaConfiguration(
///         brokers: ["kafka-1:9092", "kafka-2:9092"],
///         properties: [
///             "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.username": user, "sasl.password": secret,
///         ])
///
/// What the platform's promises rest on (acknowledgement by all replicas, idempotence, commits after the effect,
/// `range` assignment) cannot be set otherwise; every other property of librdkafka passes through to producers and
/// consumers.
public struct KafkaConfiguration: Sendable {
    /// Bootstrap servers as `host:port`.
    public let brokers: [String]
    /// The topic of events.
    public let topic: String
    /// The topic of what cannot be read, with the reason.
    public let deadLetterTopic: String
    /// The group of the stream processors.
    public let group: String
    /// Properties of librdkafka by name.
    let properties: [String: String]

    /// - Parameters:
    ///   - brokers: as `host:port`; one that answers tells of the others.
    ///   - topic: of events.
    ///   - deadLetterTopic: `nil` = the topic's name and `.dead`.
    ///   - group: of the stream processors.
    ///   - properties: of librdkafka, such as `security.protocol`, `sasl.password`, `ssl.ca.location`,
    ///     `compression.codec`; values are not shown anywhere.
    /// - Throws: all problems at once.
    public init(
        brokers: [String], topic: String = "events", deadLetterTopic: String? = nil, group: String = "rec-process",
        properties: [String: String] = [:]
    ) throws(KafkaConfigurationError) {
        let deadLetterTopic = deadLetterTopic ?? topic + ".dead"
        var problems: [String] = []
        if brokers.isEmpty { problems.append("no brokers") }
        for broker in brokers where !Self.isAddress(broker) {
            problems.append("a broker's address is empty or holds a comma, a space or a control character")
        }
        for (name, text) in [("topic", topic), ("dead-letter topic", deadLetterTopic)] where !Self.isTopic(text) {
            problems.append("the \(name) is not 1 to 249 letters, digits, dots, dashes or underscores")
        }
        if topic == deadLetterTopic { problems.append("the dead-letter topic is the topic of events") }
        if group.isEmpty || group.utf8.contains(where: { $0 < 32 }) {
            problems.append("the group's name is empty or holds a control character")
        }
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            if let problem = Self.problem(of: name, value) { problems.append("property \(name): \(problem)") }
        }
        if problems.isEmpty { problems = KafkaClientSettings.problems(of: properties) }
        guard problems.isEmpty else { throw KafkaConfigurationError(problems: problems) }
        (self.brokers, self.topic, self.deadLetterTopic) = (brokers, topic, deadLetterTopic)
        (self.group, self.properties) = (group, properties)
    }

    private static func isAddress(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 32 && $0 != UInt8(ascii: ",") }
    }

    private static func isTopic(_ text: String) -> Bool {
        (1...249).contains(text.utf8.count) && text != "." && text != ".."
            && text.unicodeScalars.allSatisfy {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                    || "._-".unicodeScalars.contains($0)
            }
    }

    /// What the platform's promises forbid to set, or to set otherwise.
    private static func problem(of name: String, _ value: String) -> String? {
        switch name {
        case "bootstrap.servers", "metadata.broker.list", "group.id": "is set by its own option"
        case "partition.assignment.strategy":
            value == "range"
                ? nil : "only range is allowed; cooperative assignment of librdkafka 2.0 can lose its place"
        case "enable.auto.commit", "enable.auto.offset.store", "auto.commit.enable":
            value == "false" ? nil : "offsets are committed after the effect, never by themselves"
        case "auto.offset.reset", "topic.auto.offset.reset":
            value == "earliest"
                ? nil : "a new group, or a new partition, begins at its oldest event: no other would be exact"
        case "enable.idempotence": value == "true" ? nil : "must be true"
        case "acks", "request.required.acks": value == "all" || value == "-1" ? nil : "must be all"
        case "transactional.id": "transactions are not used"
        case "plugin.library.paths": "code is not loaded by configuration"
        case "test.mock.num.brokers": "is for tests of librdkafka"
        default: name.hasSuffix("_cb") || name == "opaque" ? "is not a property that a text can set" : nil
        }
    }
}

extension KafkaConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the values of properties, among which are secrets.
    public var description: String {
        let names = properties.keys.sorted().joined(separator: ", ")
        return
            "brokers \(brokers.joined(separator: ",")), topic \(topic), dead letters \(deadLetterTopic), group \(group)"
            + (names.isEmpty ? "" : ", also set: \(names)")
    }
    public var debugDescription: String { description }
    /// Without the values of properties: `dump` shows no secret either.
    public var customMirror: Mirror { Mirror(self, children: ["configuration": description]) }
}
