// JSON out.
import Foundation
import HTTPTypes
import Hummingbird

extension Response {
    /// An answer with a JSON body, keys in order of the alphabet.
    static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, type: String = "application/json"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: encoded(value))))
    }

    /// A value as JSON.
    static func encoded(_ value: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        // Wire types hold texts, numbers and lists of them; with the strategy above no value of theirs can fail.
        return (try? encoder.encode(value)) ?? Data("{}".utf8)
    }
}
