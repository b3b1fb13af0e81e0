// What a manifest says of the stochastic policy.
import Testing

@testable import RecCore

@Suite struct ExplorationManifestTests {
    private func parameters(_ exploration: ExplorationSettings?) -> ModelManifest.Parameters {
        var configuration = ModelConfiguration()
        configuration.exploration = exploration
        return ModelManifest.Parameters(
            configuration, segments: SegmentEncoder(columns: [:]), features: FeatureEncoder(columns: [:]))
    }

    @Test func settingsComeBackAndMayBeAbsent() throws {
        let settings = ExplorationSettings(temper: 0.164, temperature: 0.083, strangerTemperature: 0.02)
        let foundsettings = try parameters(settings).configuration().exploration
        #expect(foundsettings == settings)
        let absent = try parameters(nil).configuration().exploration
        #expect(absent == nil)
        var plain = settings
        plain.reserve = nil
        let foundplain = try parameters(plain).configuration().exploration
        #expect(foundplain == plain)
    }

    @Test func theFrontierComesBackAndNonsenseInItIsRefused() throws {
        var settings = ExplorationSettings(temper: 0.164, temperature: 0.083, strangerTemperature: 0.02)
        settings.frontier = [
            .init(temper: 0, temperature: 0, map12: 0.2, tail: 0.1),
            .init(temper: 0.1, temperature: 0.05, map12: 0.19, tail: 0.2),
        ]
        let found = try parameters(settings).configuration().exploration
        #expect(found == settings)
        #expect(found?.frontier.map(\.policy.text) == ["greedy", "plackett_luce(0.05)+temper(0.1)"])
        for (map12, tail) in [(1.1, 0.1), (0.1, -1), (.nan, 0), (0, .infinity)] as [(Double, Double)] {
            settings.frontier = [.init(temper: 0, temperature: 0, map12: map12, tail: tail)]
            #expect(throws: TrainingError.self) { try parameters(settings).configuration() }
        }
    }

    @Test func settingsOutOfRangeAreRefused() {
        for (temper, temperature) in [(99, 0.1), (0.1, 0), (0.1, -1), (.nan, 0.1), (0.1, .infinity)]
            as [(Double, Double)]
        {
            let settings = ExplorationSettings(temper: temper, temperature: temperature, strangerTemperature: 0.1)
            #expect(throws: TrainingError.self) { try parameters(settings).configuration() }
        }
    }
}
