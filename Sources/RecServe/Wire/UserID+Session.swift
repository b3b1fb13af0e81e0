// Under which name a visit is known.
import RecCore

extension UserID {
    /// The name under which a visit's events are kept: a visitor without a name is a user whose name begins with `session:`.
    init(session: String) { self.init("session:" + session) }
}
