// The rows of a made-up shop as H&M's files have them.

extension SyntheticShop {
    static let articlesHeader =
        "article_id,product_code,prod_name,product_type_no,product_type_name,product_group_name,graphical_appearance_no,"
        + "graphical_appearance_name,colour_group_code,colour_group_name,perceived_colour_value_id,"
        + "perceived_colour_value_name,perceived_colour_master_id,perceived_colour_master_name,department_no,"
        + "department_name,index_code,index_name,index_group_no,index_group_name,section_no,section_name,"
        + "garment_group_no,garment_group_name,detail_desc\n"
    static let customersHeader = "customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code\n"
    static let transactionsHeader = "t_dat,customer_id,article_id,price,sales_channel_id\n"

    /// Adds the ten digits of an article: a zero, the product, the variant.
    func appendArticleID(_ index: Int, to buffer: inout [UInt8]) {
        buffer.appendDecimal(UInt64(productCode(index)), width: 7)
        buffer.appendDecimal(UInt64(index % Self.variants + 1), width: 3)
    }

    private func productCode(_ index: Int) -> Int { 100_000 + index / Self.variants }

    /// Adds the 64 hexadecimal digits of a customer.
    func appendCustomerID(_ index: Int, to buffer: inout [UInt8]) {
        var generator = ShopGenerator(seed: configuration.seed, purpose: .customerID, index: index)
        buffer.appendHexadecimal(words: 4, from: &generator)
    }

    func appendTransaction(_ purchase: ShopPurchase, day: [UInt8], to buffer: inout [UInt8]) {
        buffer.append(contentsOf: day)
        buffer.append(0x2c)
        appendCustomerID(purchase.customer, to: &buffer)
        buffer.append(0x2c)
        appendArticleID(purchase.article, to: &buffer)
        buffer.append(0x2c)
        buffer.append(0x30)
        buffer.append(0x2e)
        let price = ShopGenerator.mix(UInt64(productCode(purchase.article)) ^ configuration.seed) % 900 + 50
        buffer.appendDecimal(price, width: 4)
        buffer.append(0x2c)
        buffer.append(0x30 + UInt8(truncatingIfNeeded: purchase.channel))
        buffer.append(0x0a)
    }

    func appendCustomer(_ index: Int, to buffer: inout [UInt8]) {
        let customer = customer(index)
        var generator = ShopGenerator(seed: configuration.seed, purpose: .postalCode, index: index)
        let reads = generator.unit() < 0.35
        appendCustomerID(index, to: &buffer)
        buffer.append(contentsOf: (reads ? ",1,1,ACTIVE,Regularly," : ",,,ACTIVE,NONE,").utf8)
        buffer.appendDecimal(UInt64(customer.age))
        buffer.append(0x2c)
        buffer.appendHexadecimal(words: 4, from: &generator)
        buffer.append(0x0a)
    }

    func appendArticle(_ index: Int, to buffer: inout [UInt8]) {
        let group = articles[index].group
        let theme = ShopVocabulary.theme(ofGroup: group)
        let family = ShopVocabulary.family(ofGroup: group)
        var perProduct = ShopGenerator(seed: configuration.seed &+ 1, purpose: .product, index: index / Self.variants)
        var perArticle = ShopGenerator(seed: configuration.seed &+ 1, purpose: .article, index: index)
        let typeNumber = perProduct.index(family.types.count)
        let type = family.types[typeNumber]
        let name = ShopVocabulary.names[perProduct.index(ShopVocabulary.names.count)]
        let pattern = perProduct.index(ShopVocabulary.patterns.count)
        let adjective = theme.adjectives[perProduct.index(theme.adjectives.count)]
        let other = theme.adjectives[perProduct.index(theme.adjectives.count)]
        let material = theme.materials[perProduct.index(theme.materials.count)]
        let detail = theme.details[perProduct.index(theme.details.count)]
        let hasText = perProduct.unit() >= 0.004
        let colour = perArticle.index(ShopVocabulary.colours.count)
        let value = ["Dark", "Light", "Medium"][colour % 3]

        let themeNumber = group % ShopVocabulary.themes.count
        let familyNumber = group / ShopVocabulary.themes.count
        let look = adjective == other ? adjective : "\(adjective), \(other)"
        let description = "\(type) in \(look) \(material) with \(detail). Made for \(theme.section.lowercased())."
        let columns: [String] = [
            String(productCode(index)), "\(name) \(theme.section) \(type)", String(familyNumber * 10 + typeNumber + 1),
            type,
            family.group, String(1_010_001 + pattern), ShopVocabulary.patterns[pattern], String(colour + 1),
            ShopVocabulary.colours[colour], String(colour % 3 + 1), value, String(colour + 1),
            ShopVocabulary.colours[colour], String(1000 + group), "\(theme.section) \(family.garment)",
            String(decoding: [0x41 + UInt8(truncatingIfNeeded: themeNumber)], as: UTF8.self), theme.index,
            String(themeNumber / 3 + 1), theme.index, String(themeNumber + 1), theme.section,
            String(1001 + familyNumber), family.garment, hasText ? description : "",
        ]
        appendArticleID(index, to: &buffer)
        for column in columns {
            buffer.append(0x2c)
            buffer.appendCSV(column)
        }
        buffer.append(0x0a)
    }
}

extension [UInt8] {
    fileprivate mutating func appendHexadecimal(words: Int, from generator: inout ShopGenerator) {
        for _ in 0..<words {
            var word = generator.next()
            for _ in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: word >> 60)
                append(digit < 10 ? 0x30 + digit : 0x57 + digit)
                word <<= 4
            }
        }
    }
}
