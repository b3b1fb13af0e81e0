// Why the server could not begin to listen, in words that say what to do.
import Foundation
import NIOCore

/// The address could not be taken, or the files for TLS not be read.
public struct ServerStartError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, what was found, and what may help.
    public let description: String

    init(description: String) { self.description = description }

    /// `nil` for an error that has nothing to do with taking an address.
    /// - Parameter prefix: of the options that name host and port, such as `--admin-`.
    init?(_ error: any Error, host: String, port: Int, prefix: String = "--") {
        let (hostOption, portOption) = (prefix + "host", prefix + "port")
        if error is SocketAddressError || error is SocketAddressError.UnknownHost {
            description =
                "cannot listen on \(host):\(port): the host name is not known here; try \(hostOption) 127.0.0.1"
            return
        }
        guard let error = error as? IOError else { return nil }
        switch error.errnoCode {
        case EADDRINUSE:
            description =
                "cannot listen on \(host):\(port): the port is taken by another program; choose another with \(portOption)"
        case EACCES:
            description =
                "cannot listen on \(host):\(port): not permitted; choose a port above 1023 with \(portOption)"
        case EADDRNOTAVAIL:
            description =
                "cannot listen on \(host):\(port): the address is not one of this machine's; try \(hostOption) 127.0.0.1"
        default:
            description = "cannot listen on \(host):\(port): system error \(error.errnoCode)"
        }
    }
}
