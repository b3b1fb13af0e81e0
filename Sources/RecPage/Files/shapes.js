// The outlines of articles on a field of 120 by 120: what is dyed (d), what is a shade darker (e), seams and edges (l), small solid parts (k).
// `at` is where a print sits, `no` says that a pattern does not suit the thing.

const tee = 'M45 23C51 32 69 32 75 23L91 29L109 52L95 63L88 55V100Q60 105 32 100V55L25 63L11 52L29 29Z';
const long = 'M46 21C52 28 68 28 74 21L90 27Q96 30 98 38L108 88Q101 94 93 92L87 58V99Q60 104 33 99V58L27 92Q19 94 12 88L22 38Q24 30 30 27Z';
const neck = 'M46 21C50 34 70 34 74 21';
const cuffs = 'M91 84Q99 86 107 80M29 84Q21 86 13 80';
const legs = 'M39 15H81L86 108Q76 111 66 108L60 50L54 108Q44 111 34 108Z';
const sock = (x, y) => `M${x} ${y}h20v42q0 6 6 9l10 6q9 6 4 13q-3 5-12 4l-19-5q-11-4-11-16z`;
const shoe = 'M14 58Q22 62 31 55L42 46Q50 62 66 66L92 71Q106 74 107 88H14Q11 72 14 58Z';
const boot = 'M38 14H70V62L90 70Q104 75 104 94H38Q34 50 38 14Z';
const briefs = 'M22 38H98L96 54Q74 58 69 86H51Q46 58 24 54Z';
const belt = 'M8 50H112V68H8Z';

export const shapes = {
  tee: { d: tee, l: ['M45 23C49 38 71 38 75 23', 'M95 63L109 52M25 63L11 52', 'M88 55L86 44M32 55L34 44', 'M32 94Q60 99 88 94'], at: [60, 62] },
  polo: { d: tee, e: 'M45 23L60 37L75 23L71 17Q60 22 49 17Z', l: ['M60 37V58M66 34V56H60', 'M88 55L86 44M32 55L34 44'], k: 'M62 42h2v2h-2zM62 49h2v2h-2z', at: [60, 74] },
  sweater: { d: long, l: [neck, 'M46 21C49 38 71 38 74 21', 'M87 58L84 42M33 58L36 42', 'M33 91Q60 96 87 91', cuffs], at: [60, 64] },
  hoodie: { d: long, e: 'M41 27C34 6 86 6 79 27C74 40 46 40 41 27ZM42 74H78L84 92H36Z', l: ['M47 27C47 16 73 16 73 27C69 33 51 33 47 27Z', 'M54 35V54M66 35V52', 'M33 93Q60 98 87 93', cuffs], at: [60, 60] },
  shirt: { d: long, e: 'M46 21L40 26L52 42L60 32ZM74 21L80 26L68 42L60 32Z', l: ['M60 33V101M65 38V101', 'M87 58L84 42M33 58L36 42', cuffs, 'M69 54H80V66L74 70L69 66Z'], k: 'M61 46h3v3h-3zM61 60h3v3h-3zM61 74h3v3h-3zM61 88h3v3h-3z', at: [46, 70] },
  blouse: { d: 'M47 22Q60 26 73 22L90 30Q106 48 107 82Q100 94 88 86L89 62L92 99Q60 109 28 99L31 62L32 86Q20 94 13 82Q14 48 30 30Z', e: 'M60 34L43 27Q40 38 48 42ZM60 34L77 27Q80 38 72 42ZM58 36L50 60L56 58L60 40L64 58L70 60L62 36Z', l: ['M88 79Q98 86 106 76M32 79Q22 86 14 76', 'M89 62L86 46M31 62L34 46'], at: [60, 78] },
  cardigan: { d: long, e: 'M46 21L60 58L74 21L79 23L63 66V101H57V66L41 23Z', l: ['M87 58L84 42M33 58L36 42', cuffs, 'M37 76H51V88H37ZM69 76H83V88H69Z'], k: 'M59 68h3v3h-3zM59 79h3v3h-3zM59 90h3v3h-3z', at: [45, 62] },
  jacket: { d: long, e: 'M46 20L38 26L48 40L60 28L72 40L82 26L74 20Q60 24 46 20ZM33 90Q60 95 87 90V100Q60 105 33 100Z', l: ['M60 29V102', 'M40 62L52 58M80 62L68 58', 'M87 58L84 42M33 58L36 42', cuffs], k: 'M58.500 34h3v7h-3z', at: [46, 74] },
  blazer: { d: long, e: 'M46 20L36 27L42 38L39 43L60 76L81 43L78 38L84 27L74 20L60 60Z', l: ['M60 76V101', 'M38 78H52V82H38ZM68 78H82V82H68Z', 'M87 58L84 42M33 58L36 42', cuffs], k: 'M55 80h4v4h-4zM55 90h4v4h-4z', at: [45, 66] },
  coat: { d: 'M46 12Q60 17 74 12L88 18Q94 20 96 28L104 76Q98 81 91 80L85 50L92 110Q60 115 28 110L35 50L29 80Q22 81 16 76L24 28Q26 20 32 18Z', e: 'M46 12L35 19L44 34L60 24L76 34L85 19L74 12Q60 17 46 12Z', l: ['M60 25V113', 'M39 70L50 67V79L38 82ZM81 70L70 67V79L82 82Z', 'M85 50L82 34M35 50L38 34'], k: 'M63 40h4v4h-4zM63 56h4v4h-4zM63 72h4v4h-4zM63 88h4v4h-4z', at: [47, 56] },
  robe: { d: 'M46 12Q60 17 74 12L90 20L106 70Q100 78 92 76L84 54L90 110Q60 114 30 110L36 54L28 76Q20 78 14 70L30 20Z', e: 'M46 12L60 58L74 12L80 15L62 66V112H54V66L40 15ZM34 62H86V71H34ZM52 71L47 92H53L58 71Z', l: ['M84 54L81 36M36 54L39 36'], at: [46, 88] },
  tank: { d: 'M42 16H50C50 40 70 40 70 16H78C78 40 84 46 90 50V102Q60 107 30 102V50C36 46 42 40 42 16Z', l: ['M47 16C47 45 73 45 73 16', 'M30 96Q60 101 90 96'], at: [60, 70] },
  top: { d: 'M40 26Q60 40 80 26L100 38L94 58L86 54L88 88Q60 94 32 88L34 54L26 58L20 38Z', l: ['M40 26Q60 46 80 26', 'M86 54L84 44M34 54L36 44', 'M32 82Q60 88 88 82'], at: [60, 64] },
  body: { d: 'M40 14H48C48 34 72 34 72 14H80C80 36 86 42 90 46L88 76Q74 84 69 106H51Q46 84 32 76L30 46C34 42 40 36 40 14Z', l: ['M32 76Q60 66 88 76', 'M45 14C45 40 75 40 75 14'], k: 'M54 100h3v3h-3zM60 100h3v3h-3z', at: [60, 56] },
  trousers: { d: legs, e: 'M39 15H81L81.500 24H38.500Z', l: ['M60 24V50', 'M39 30Q47 34 48 25M81 30Q73 34 72 25', 'M60 24Q67 36 60 44', 'M47 56V106M73 56V106'], k: 'M58.500 17.500h3v3h-3z', at: [46, 60] },
  leggings: { d: 'M42 12H78L80 46L72 109H63L60 48L57 109H48L40 46Z', e: 'M42 12H78L78.500 22H41.500Z', l: ['M60 22V48'], at: [50, 44] },
  shorts: { d: 'M32 30H88L98 86Q82 92 66 88L60 62L54 88Q38 92 22 86Z', e: 'M32 30H88L89.500 39H30.500Z', l: ['M60 39V62', 'M24 80Q40 86 55 82M96 80Q80 86 65 82', 'M54 39L50 54M66 39L70 54'], at: [44, 64] },
  skirt: { d: 'M42 22H78L98 96Q60 108 22 96Z', e: 'M42 22H78L80 31H40Z', l: ['M50 32L40 98M60 32V102M70 32L80 98'], at: [60, 70] },
  dress: { d: 'M44 10H50Q60 30 70 10H76Q76 26 82 34L75 54L98 106Q60 116 22 106L45 54L38 34Q44 26 44 10Z', e: 'M45 51H75L77 58H43Z', l: ['M52 60L42 108M60 60V111M68 60L78 108'], at: [60, 82] },
  jumpsuit: { d: 'M45 10H51Q60 26 69 10H75Q75 24 80 32L76 52L84 110Q75 112 66 110L60 70L54 110Q45 112 36 110L44 52L40 32Q45 24 45 10Z', e: 'M44 48H76V55H44Z', l: ['M60 56V70'], at: [60, 40] },
  dungarees: { d: 'M44 30H76V52L82 54L86 110Q76 112 66 110L60 72L54 110Q44 112 34 110L38 54L44 52Z', e: 'M47 10L53 9L50 34H45ZM73 10L67 9L70 34H75ZM52 36H68V47L60 51L52 47Z', l: ['M38 54H82', 'M60 54V72'], k: 'M45 31h5v5h-5zM70 31h5v5h-5z', at: [46, 78] },
  pyjama: { d: 'M46 8C51 14 69 14 74 8L92 14L98 40L88 44L84 34V58H36V34L32 44L22 40L28 14ZM36 62H84L88 112H66L60 80L54 112H32Z', e: 'M46 8L60 28L74 8L78 10L60 35L42 10Z', l: ['M60 34V58', 'M36 68H84'], k: 'M61 40h3v3h-3zM61 49h3v3h-3z', at: [46, 48] },
  socks: { d: sock(18, 18) + sock(60, 32), e: 'M18 18h20v9h-20zM60 32h20v9h-20z', l: ['M22 70q-2-10 8-11M64 84q-2-10 8-11', 'M47 74q-8 2-9 11M89 88q-8 2-9 11'], at: [28, 50] },
  bra: { d: 'M14 64Q30 54 36 42Q58 48 60 68Q62 48 84 42Q90 54 106 64V76Q84 92 60 78Q36 92 14 76Z', l: ['M36 42Q32 26 30 16M84 42Q88 26 90 16', 'M34 46Q54 52 58 72M86 46Q66 52 62 72', 'M14 71Q36 86 60 74Q84 86 106 71'], k: 'M57 68l3 2l3-2v5l-3-2l-3 2z', at: [40, 66], no: 'print' },
  bikini: { d: 'M36 34L56 76Q36 84 18 76ZM84 34L102 76Q84 84 64 76Z', l: ['M36 34Q48 14 60 12Q72 14 84 34', 'M18 76L6 72M102 76L114 72', 'M56 76Q60 79 64 76', 'M18 76Q36 84 56 76M64 76Q84 84 102 76'], at: [37, 64], no: 'print' },
  briefs: { d: briefs, l: ['M22 45H98', 'M24 54Q42 58 49 80M96 54Q78 58 71 80'], at: [60, 58], no: 'print' },
  swimsuit: { d: 'M42 12H48Q48 40 60 42Q72 40 72 12H78Q79 30 86 38L80 58L88 82Q72 88 68 108H52Q48 88 32 82L40 58L34 38Q41 30 42 12Z', l: ['M40 58Q60 64 80 58', 'M32 82Q46 88 51 104M88 82Q74 88 69 104'], at: [60, 74] },
  sneaker: { d: shoe, e: 'M14 58Q22 62 31 55Q34 64 30 74Q22 78 13 74ZM84 69Q106 73 107 88H88Q92 78 84 69Z', l: ['M46 56L56 50M52 61L62 54M59 65L69 58', 'M36 80Q54 62 70 84'], w: 'M10 87H109Q111 96 103 97H16Q9 96 10 87Z', at: [50, 74], no: 'print' },
  boot: { d: boot, e: 'M38 14H70V23H37Z', l: ['M44 50H66M46 57H67', 'M70 62Q60 72 44 70'], k: 'M34 94H105V101H64L60 98V106H36Z', at: [54, 50], no: 'print' },
  pump: { d: 'M12 42Q24 62 44 68Q66 72 84 80Q104 86 108 92Q90 96 72 92Q46 84 30 72L26 104H20Z', l: ['M14 45Q28 70 48 73Q66 76 84 83'], k: 'M30 72Q46 84 72 92Q90 96 108 92V96Q88 100 68 95Q44 86 29 77Z', at: [40, 70], no: 'print' },
  flat: { d: 'M12 62Q18 72 34 74Q56 76 68 66Q94 66 107 84Q108 90 104 92H18Q10 80 12 62Z', l: ['M12 62Q20 80 40 80Q60 80 68 66'], k: 'M12 91H108V96H14ZM66 62q8-4 10 2q2 6-8 5z', at: [70, 80], no: 'print' },
  sandal: { d: 'M24 84Q34 40 42 40Q54 60 62 84ZM66 84Q74 64 90 66Q100 72 102 84Z', l: ['M34 60H50M30 70H56'], k: 'M10 84H110Q112 94 104 96H16Q8 94 10 84Z', at: [44, 70], no: 'print' },
  bag: { d: 'M22 46H98L106 102Q60 110 14 102Z', e: 'M22 46H98L100 60Q60 84 20 60Z', l: ['M40 50Q38 14 60 14Q82 14 80 50', 'M45 50Q44 20 60 20Q76 20 75 50'], k: 'M55 70h10v9h-10z', at: [60, 92], no: 'print' },
  wallet: { d: 'M16 36H104V92H16Z', e: 'M16 36H104V62H16Z', l: ['M20 40H100V88H20Z'], k: 'M55 56h10v12h-10z', at: [60, 78], no: 'print' },
  brim: { d: 'M34 74Q34 28 60 32Q86 28 86 74Q114 76 112 86Q60 106 8 86Q6 76 34 74Z', e: 'M34 63Q60 74 86 63V75Q60 86 34 75Z', l: ['M34 75Q60 88 86 75'], at: [60, 50], no: 'print' },
  beanie: { d: 'M24 82Q20 30 60 28Q100 30 96 82Z', e: 'M20 78Q60 70 100 78V96Q60 90 20 96Z', l: ['M40 36Q34 54 36 74M60 29V72M80 36Q86 54 84 74', 'M34 78V92M47 75V90M60 75V90M73 75V90M86 78V92'], k: 'M60 10a10 10 0 1 0 .1 0z', at: [60, 54], no: 'print' },
  cap: { d: 'M20 74Q18 32 56 30Q92 32 92 72Z', e: 'M60 66Q104 62 114 84Q90 76 20 76V72Q40 70 60 66Z', l: ['M56 30Q48 48 50 70M56 30Q76 44 78 64'], k: 'M53 26h6v5h-6z', at: [38, 56] },
  scarf: { d: 'M30 22Q60 8 90 22Q98 34 86 44L70 50L78 100H58L54 54L48 96H30L40 46Q22 40 30 22Z', e: 'M34 30Q60 44 88 28Q92 40 70 47Q46 50 34 30Z', l: ['M60 100V108M66 100V108M72 100V108M33 96V104M39 96V104M45 96V104'], at: [64, 80], no: 'print' },
  belt: { d: belt, l: ['M8 54H112M8 64H112'], k: 'M24 42H54V76H24ZM31 49V69H47V49Z', hole: true, b: 'M66 57h3v4h-3zM78 57h3v4h-3zM90 57h3v4h-3zM40 57h14v4h-14z', at: [84, 59], no: 'print' },
  gloves: { d: 'M20 102V62L10 48Q9 40 17 43L24 52V24Q24 18 29 18Q34 18 34 24V46L35 16Q36 11 41 11Q45 12 45 17V46L48 20Q53 14 56 22V102ZM100 102V62L110 48Q111 40 103 43L96 52V24Q96 18 91 18Q86 18 86 24V46L85 16Q84 11 79 11Q75 12 75 17V46L72 20Q67 14 64 22V102Z', e: 'M20 88H56V102H20ZM64 88H100V102H64Z', l: [], at: [38, 70], no: 'print' },
  earring: { d: 'M38 46L54 66L38 96L22 66ZM82 46L98 66L82 96L66 66Z', e: 'M38 46L54 66H22ZM82 46L98 66H66Z', l: ['M38 46V34Q38 22 46 22M82 46V34Q82 22 90 22', 'M38 46L32 66L38 96L44 66ZM82 46L76 66L82 96L88 66Z'], at: [38, 68], no: 'all' },
  necklace: { d: 'M60 76L72 90L60 108L48 90Z', e: 'M60 76L72 90H48Z', l: ['M22 12Q22 64 60 76Q98 64 98 12', 'M30 12Q32 54 60 64Q88 54 90 12'], k: 'M58 62h4v4h-4zM42 56h3v3h-3zM75 56h3v3h-3z', at: [60, 90], no: 'all' },
  ring: { d: 'M60 42A32 32 0 1 0 60.100 42ZM60 51A23 23 0 1 1 59.900 51Z', e: 'M46 18H74L84 30L60 52L36 30Z', l: ['M36 30H84M46 18L52 30L60 52L68 30L74 18'], at: [60, 80], no: 'all' },
  glasses: { d: 'M12 46H52Q56 74 34 78Q12 76 12 46ZM68 46H108Q108 76 86 78Q64 74 68 46Z', l: ['M52 50Q60 44 68 50', 'M12 48L6 40M108 48L114 40', 'M22 54L32 68M78 54L88 68'], at: [34, 60], no: 'all' },
  watch: { d: 'M46 8H74L78 34H42ZM46 112H74L78 86H42Z', e: 'M60 32A28 28 0 1 0 60.100 32Z', w: 'M60 38A22 22 0 1 0 60.100 38Z', l: ['M60 46V60L70 66'], at: [60, 20], no: 'print' },
  umbrella: { d: 'M10 62Q14 16 60 14Q106 16 110 62Q97 52 85 62Q72 52 60 62Q48 52 35 62Q23 52 10 62Z', l: ['M60 14V8M60 60V96Q60 106 50 106Q42 106 42 98', 'M60 14Q36 30 35 62M60 14Q84 30 85 62'], at: [60, 40], no: 'print' },
  tie: { d: 'M50 12H70L66 30L80 92L60 110L40 92L54 30Z', e: 'M50 12H70L66 30H54Z', l: [], at: [60, 74], no: 'print' },
  bow: { d: 'M54 60Q30 30 14 40Q10 60 14 80Q30 90 54 60ZM66 60Q90 30 106 40Q110 60 106 80Q90 90 66 60Z', e: 'M52 50H68V70H52Z', l: ['M50 60L26 54M50 62L28 70M70 60L94 54M70 62L92 70'], at: [30, 60], no: 'print' },
  bottle: { d: 'M46 34Q38 40 38 52V104Q60 112 82 104V52Q82 40 74 34Z', e: 'M47 12H73V28H47Z', l: ['M50 28V34H70V28', 'M38 60H82M38 90H82'], at: [60, 76] },
  toy: { d: 'M34 22A11 11 0 1 1 46 33Q60 24 74 33A11 11 0 1 1 86 22Q92 40 82 56Q102 54 102 68Q96 80 86 74Q92 92 90 106Q74 112 68 100H52Q46 112 30 106Q28 92 34 74Q24 80 18 68Q18 54 38 56Q28 40 34 22Z', e: 'M60 46A10 8 0 1 0 60.100 46Z', l: ['M54 58Q60 63 66 58'], k: 'M48 40a3 3 0 1 0 .1 0zM72 40a3 3 0 1 0 .1 0zM57 49h6l-3 4z', at: [60, 82] },
  book: { d: 'M24 14H92Q98 14 98 20V104H30Q22 104 22 96V18Q22 14 24 14Z', e: 'M22 18Q22 14 26 14H34V92Q22 92 22 100Z', w: 'M30 93H98V102H30Q25 97 30 93Z', l: ['M46 32H86M46 40H76', 'M30 93H98'], at: [66, 66] },
  box: { d: 'M18 40L60 22L102 40V88L60 106L18 88Z', e: 'M60 58L102 40V88L60 106Z', l: ['M18 40L60 58L102 40', 'M60 58V106', 'M39 31L81 49V62'], at: [39, 76], no: 'print' },
};

/** Words of a type, in the order in which they are tried: the more special ones first. */
export const kinds = Object.entries({
  bikini: 'bikini', swimsuit: 'swimsuit|bathing', briefs: 'swimwear bottom|swim|underwear bottom|brief|panty|thong|boxer|underpant|underdress|underwear set',
  leggings: 'tights|legging|stocking|long john|outdoor trousers', bra: 'bra\\b|bralette|bustier|corset|underwear body', pyjama: 'pyjama (set|jumpsuit)|pyjama$|set\\b', trousers: 'trouser|jeans|pyjama bottom|pants|chino',
  robe: 'robe|dressing|kimono|outdoor waistcoat', dress: 'dress|night gown|gown|costume|tunic', skirt: 'skirt|sarong', dungarees: 'dungaree|overall', jumpsuit: 'jumpsuit|playsuit|romper', body: 'body', polo: 'polo',
  tee: 't-shirt|tee\\b|tshirt', tank: 'vest|tank|camisole', hoodie: 'hoodie|sweatshirt|hooded', cardigan: 'cardigan|bolero', sweater: 'sweater|jumper|pullover|knit|turtle', blouse: 'blouse', shirt: 'shirt|tailored', blazer: 'blazer|suit|waistcoat', coat: 'coat|parka|trench', jacket: 'jacket|gilet|anorak',
  shorts: 'short', socks: 'sock|leg warmer', boot: 'boot|wellington', sandal: 'sandal|flip|slipper|espadrille', pump: 'pump|heel|wedge|stiletto', flat: 'ballerina|flat shoe|loafer|moccasin|heeled', sneaker: 'sneaker|trainer|shoe', bag: 'bag|backpack|tote|clutch|purse', wallet: 'wallet|card holder|mobile case',
  beanie: 'beanie|hat$|earmuff', cap: 'cap\\b|cap/', brim: 'hat|beret|bucket|straw|felt', scarf: 'scarf|shawl|wrap|snood|blanket|towel', belt: 'belt|brace|suspender', gloves: 'glove|mitten', earring: 'earring|piercing', necklace: 'necklace|pendant|jewel|bracelet|bangle', ring: 'ring\\b',
  glasses: 'glass', watch: 'watch', umbrella: 'umbrella', tie: 'tie\\b', bow: 'bow|hair|headband|alice|scrunchie', bottle: 'bottle|cosmetic|perfume|lotion', toy: 'toy|teddy|doll|plush', book: 'book|novel|magazine|diary', top: 'top|crop',
}).map(([kind, words]) => [kind, new RegExp(words, 'i')]);
