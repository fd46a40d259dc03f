import Foundation

/// Milliseconds since 1970.
func clockMilliseconds() -> Double { Date().timeIntervalSince1970 * 1000 }
