// The frame of the reports that are pages.
import Foundation
import Testing

@testable import RecFiles

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct ReportPageTests {
    @Test func aTableKeepsItsLinesAndColumns() {
        #expect(ReportPage.table("a  b\n<c> & \"d\"") == "<pre>a\u{a0} b\n&lt;c&gt; &amp; &quot;d&quot;</pre>")
    }

    @Test func aPageIsWellFormedWhateverItsTitle() {
        let page = ReportPage.document(title: "a < b & \"c\"", body: "<p>text</p>")

        #expect(XMLParser(data: Data(page.utf8)).parse())
    }

    @Test func whatIsWiderThanItsColumnStaysApartFromTheNext() {
        #expect("ab".padded(to: 4) + "c" == "ab  c")
        #expect("abcde".padded(to: 4) + "f" == "abcde f")
    }
}
