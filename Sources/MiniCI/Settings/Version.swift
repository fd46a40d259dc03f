/// The version of mini-ci, as workers report it and `mini-ci version` prints it (semantic versioning 2.0).
public enum MiniCIVersion {
    public static let text = "0.1.0"
}
