// Filters over columns next to filters over one item at a time, and sets of rows next to Swift's own.
import RecCore
import Testing

@testable import RecCore

@Suite struct ItemAttributesTests {
    private static func attributes(_ generator: inout SplitMix64) -> [String: String] {
        var attributes: [String: String] = [:]
        for field in ["colour", "size", "price", "note"] where Int.random(in: 0..<4, using: &generator) > 0 {
            switch field {
            case "price": attributes[field] = String(Int.random(in: -5..<20, using: &generator))
            case "note": attributes[field] = ["1e3", "nan", "inf", "ten", "", "-0"].randomElement(using: &generator)
            default: attributes[field] = "v\(Int.random(in: 0..<5, using: &generator))"
            }
        }
        return attributes.filter { !$0.value.isEmpty }
    }

    private static func filter(_ generator: inout SplitMix64, depth: Int = 0) -> ItemFilter {
        let field = ["colour", "size", "price", "note", "absent"].randomElement(using: &generator) ?? "colour"
        func bound() -> Double? {
            Bool.random(using: &generator) ? Double(Int.random(in: -3..<15, using: &generator)) : nil
        }
        func parts() -> [ItemFilter] {
            (0..<Int.random(in: 0..<3, using: &generator)).map { _ in filter(&generator, depth: depth + 1) }
        }
        switch Int.random(in: 0..<(depth < 3 ? 6 : 3), using: &generator) {
        case 0: return .oneOf(field: field, values: ["v1", "v3", "10", "ten"])
        case 1: return .range(field: field, atLeast: bound(), above: bound(), atMost: bound(), below: bound())
        case 2: return .has(field: field)
        case 3: return .all(parts())
        case 4: return .any(parts())
        default: return .not(filter(&generator, depth: depth + 1))
        }
    }

    @Test func columnsAdmitWhatTheFilterAdmitsItemByItem() {
        var generator = SplitMix64(seed: 11)
        for _ in 0..<20 {
            var items = (0..<Int.random(in: 0..<200, using: &generator)).map { _ in Self.attributes(&generator) }
            var table = ItemAttributes(count: items.count)
            for (row, attributes) in items.enumerated() { table.set(row, attributes) }
            // Later states: rows described anew, rows added.
            for row in items.indices where row % 7 == 0 {
                items[row] = Self.attributes(&generator)
                table.set(row, items[row])
            }
            items.append([:])
            items.append(["late": "x"])
            table.grow(to: items.count)
            table.set(items.count - 1, ["late": "x"])

            for _ in 0..<50 {
                let filter = Self.filter(&generator)
                #expect(
                    table.rows(passing: filter).rows == items.indices.filter { filter.admits(items[$0]) }, "\(filter)")
            }
            for row in items.indices { #expect(table.attributes(of: row) == items[row]) }
        }
    }

    @Test func numbersThatAreNoNumbersPassNoInterval() {
        let all = ItemFilter.range(field: "n", atLeast: nil, above: nil, atMost: nil, below: nil)
        #expect(all.admits(["n": "-1.5e3"]))
        for text in ["nan", "inf", "-inf", "ten", "", " 1", "1e999"] { #expect(!all.admits(["n": text]), "\(text)") }
    }

    @Test func setsOfRowsAreSets() {
        var generator = SplitMix64(seed: 3)
        for count in [0, 1, 63, 64, 65, 200] {
            let members = (0..<2).map { _ in Set((0..<count).filter { _ in Bool.random(using: &generator) }) }
            let sets = members.map { member in RowSet(count: count) { member.contains($0) } }
            var (both, either) = (sets[0], sets[0])

            both.formIntersection(sets[1])
            either.formUnion(sets[1])

            #expect(both.rows == members[0].intersection(members[1]).sorted())
            #expect(either.rows == members[0].union(members[1]).sorted())
            #expect(sets[0].inverted.rows == (0..<count).filter { !members[0].contains($0) })
            #expect(sets[0].memberCount == members[0].count)
            #expect(RowSet(count: count, all: true).memberCount == count)
            #expect(sets[0].growing(to: count + 70).rows == sets[0].rows)
            #expect(!sets[0].contains(-1) && !sets[0].contains(count))
        }
    }

    @Test func setsOverFewerRowsMeetSetsOverMore() {
        var few = RowSet(count: 10, all: true)
        var many = RowSet(count: 100, all: true)

        many.formIntersection(few)
        few.formUnion(RowSet(count: 100, all: true))

        #expect(many.rows == Array(0..<10))
        #expect(few.memberCount == 10)
    }

    @Test func aNameForEveryItemFillsNoMemory() {
        var table = ItemAttributes(count: 6000)
        for row in 0..<6000 { table.set(row, ["tag:\(row)": "1", "price": "\(row)"]) }
        #expect(table.rows(passing: .has(field: "tag:7")).rows == [7])
        #expect(table.rows(passing: .has(field: "price")).memberCount == 6000)
        #expect(table.attributes(of: 5999) == ["price": "5999"])
        // What no item has any more makes room.
        for row in 0..<20 { table.set(row, [:]) }
        table.set(9, ["late": "x"])
        #expect(table.rows(passing: .has(field: "late")).rows == [9])
    }

    @Test func valuesThatChangeAllTheTimeAreForgotten() {
        var table = ItemAttributes(count: 40)
        for turn in 0..<5000 { table.set(turn % 40, ["price": "\(turn)"]) }
        let filter = ItemFilter.range(field: "price", atLeast: 4990, above: nil, atMost: nil, below: nil)
        #expect(table.rows(passing: filter).memberCount == 10)
        #expect(table.rows(passing: .oneOf(field: "price", values: ["17"])).memberCount == 0)
    }
}
