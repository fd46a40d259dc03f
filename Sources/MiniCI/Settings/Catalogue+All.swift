extension Catalogue {
    /// Every setting, in the order in which people look for them.
    public static let all: [SettingInfo] = [
        dataFolder.info, host.info, port.info, databaseURL.info, databaseConnections.info, isDevelopment.info,
        allowsLocalRepositories.info, defaultTimeoutSeconds.info, maximumTimeoutSeconds.info, queueTimeoutSeconds.info,
        forcedCancelSeconds.info, leaseMilliseconds.info, sweepMilliseconds.info, renewMilliseconds.info,
        longPollMilliseconds.info, claimPollMilliseconds.info,
        serverURL.info, token.info, tokenFile.info, labels.info, capacity.info, workerName.info, workerHost.info,
        workerPort.info, stopGraceSeconds.info, logLimitBytes.info, lineLimitBytes.info, maximumConnections.info,
        shutdownSeconds.info, logLevel.info,
    ]
}
