// The words of a made-up shop: what a taste group's articles are called and how they are described.

/// Words for the taste groups. A group is a theme (whose style) and a family (what it is worn as).
enum ShopVocabulary {
    struct Theme {
        let section: String
        let index: String
        let adjectives: [String]
        let materials: [String]
        let details: [String]
        /// Around which the ages of those who like it lie.
        let age: Int
    }
    struct Family {
        let group: String
        let garment: String
        let types: [String]
    }

    static let themes: [Theme] = [
        Theme(
            section: "Running", index: "Sport", adjectives: ["breathable", "quick-dry", "featherlight", "ventilated"],
            materials: ["mesh", "functional fabric", "stretch jersey"],
            details: ["reflective prints", "flatlock seams", "a key pocket"], age: 28),
        Theme(
            section: "Tailoring", index: "Ladieswear", adjectives: ["fitted", "tailored", "pressed", "structured"],
            materials: ["twill", "wool blend", "crepe"],
            details: ["notch lapels", "front darts", "welt pockets"], age: 41),
        Theme(
            section: "Denim", index: "Divided", adjectives: ["washed", "raw", "faded", "ripped"],
            materials: ["denim", "rigid cotton", "chambray"],
            details: ["copper rivets", "frayed edges", "a button fly"], age: 23),
        Theme(
            section: "Boho", index: "Ladieswear", adjectives: ["flowing", "embroidered", "tiered", "crinkled"],
            materials: ["viscose", "cotton voile", "lace"],
            details: ["tassels", "smocking", "flounced sleeves"], age: 31),
        Theme(
            section: "Lounge", index: "Lingeries/Tights", adjectives: ["soft", "brushed", "cosy", "oversized"],
            materials: ["fleece", "modal", "waffled jersey"],
            details: ["a drawstring", "ribbed cuffs", "kangaroo pockets"], age: 36),
        Theme(
            section: "Baby Basics", index: "Baby Sizes 50-98", adjectives: ["tiny", "organic", "gentle", "playful"],
            materials: ["organic cotton", "muslin", "velour"],
            details: ["press-studs", "bear ears", "a printed motif"], age: 33),
        Theme(
            section: "School", index: "Children Sizes 92-140", adjectives: ["sturdy", "bright", "easy-care", "roomy"],
            materials: ["sweatshirt fabric", "corduroy", "pique"],
            details: ["knee patches", "a name label", "an adjustable waist"], age: 39),
        Theme(
            section: "Heritage Men", index: "Menswear", adjectives: ["checked", "waxed", "rugged", "classic"],
            materials: ["flannel", "tweed", "heavy canvas"],
            details: ["horn buttons", "elbow patches", "a storm flap"], age: 46),
        Theme(
            section: "Street", index: "Divided", adjectives: ["boxy", "graphic", "cropped", "neon"],
            materials: ["heavyweight jersey", "nylon", "ripstop"],
            details: ["a bold back print", "dropped shoulders", "buckled straps"], age: 20),
        Theme(
            section: "Evening", index: "Ladieswear", adjectives: ["draped", "glittering", "backless", "slinky"],
            materials: ["satin", "sequinned mesh", "velvet"],
            details: ["rhinestones", "a plunging neckline", "a high slit"], age: 27),
        Theme(
            section: "Outdoor", index: "Menswear", adjectives: ["windproof", "padded", "insulated", "packable"],
            materials: ["softshell", "recycled down", "merino"],
            details: ["taped seams", "a detachable hood", "fleece lining"], age: 37),
        Theme(
            section: "Beach", index: "Ladieswear", adjectives: ["tropical", "strappy", "sun-bleached", "airy"],
            materials: ["linen", "terry", "recycled polyamide"],
            details: ["adjustable ties", "palm prints", "shell buttons"], age: 25),
    ]

    static let families: [Family] = [
        Family(
            group: "Garment Upper body", garment: "Jersey Fancy",
            types: ["T-shirt", "Sweater", "Shirt", "Top", "Cardigan"]),
        Family(group: "Garment Lower body", garment: "Trousers", types: ["Trousers", "Shorts", "Skirt", "Leggings"]),
        Family(group: "Garment Full body", garment: "Dresses", types: ["Dress", "Jumpsuit", "Dungarees"]),
        Family(group: "Outdoor", garment: "Outdoor", types: ["Jacket", "Coat", "Waistcoat"]),
        Family(group: "Accessories", garment: "Accessories", types: ["Bag", "Hat", "Scarf", "Belt", "Gloves"]),
        Family(group: "Shoes", garment: "Shoes", types: ["Sneakers", "Boots", "Sandals"]),
    ]

    static let colours = [
        "Black", "White", "Dark Blue", "Light Beige", "Grey", "Red", "Light Pink", "Khaki green", "Yellow", "Turquoise",
    ]
    static let patterns = ["Solid", "All over pattern", "Stripe", "Melange", "Front print", "Check"]
    static let names = [
        "Alma", "Birk", "Celine", "Dover", "Ellis", "Fjord", "Greta", "Hale", "Iris", "Juno", "Kim", "Luna", "Milo",
        "Nova", "Otto", "Pia", "Quinn", "Rory", "Saga", "Theo", "Uma", "Vera", "Wilma", "Yves", "Zoe",
    ]

    /// Greatest number of taste groups that the words can tell apart.
    static var groupCount: Int { themes.count * families.count }
    static func theme(ofGroup group: Int) -> Theme { themes[group % themes.count] }
    static func family(ofGroup group: Int) -> Family { families[group / themes.count % families.count] }
}
